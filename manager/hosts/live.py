"""What is in memory of hosts: who is connected, when they were heard, how busy they were.

Nothing of it must outlive the process: a host that is connected says all of it again.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.protocol.message import Part
from agent.protocol.statistics import GuestLoad, Load
from agent.protocol.to_manager import Statistics
from manager.services import Services

# An hour of samples, one each ten seconds.
_SAMPLES = 360


@dataclass(frozen=True)
class Sample:
    """The load of a host over the seconds up to ``at`` (seconds since 1970, the Agent's clock)."""

    at: float
    load: Load


@dataclass
class LiveHost:
    """One connected host, or one that was. ``say`` hands a message to its connection's loop."""

    epoch: int
    boot_id: str
    say: Callable[[Part], None] | None
    close: Callable[[], None]
    heard: float
    samples: deque[Sample] = field(default_factory=lambda: deque(maxlen=_SAMPLES))
    guests: dict[str, GuestLoad] = field(default_factory=dict)
    dropped: int = 0


class LiveHosts:
    """All hosts that were connected since the Manager started; used from all threads."""

    def __init__(self, services: Services) -> None:
        """Nobody is."""
        self.started = time.monotonic()
        self._lock = threading.Lock()
        self._hosts: dict[str, LiveHost] = {}
        # Connections that the Manager has not closed though it should: for tests and metrics.
        self.replaced = 0

    def connect(
        self,
        host: str,
        epoch: int,
        boot_id: str,
        say: Callable[[Part], None],
        close: Callable[[], None],
    ) -> None:
        """A connection of ``host`` begins; an older one is closed."""
        with self._lock:
            before = self._hosts.get(host)
            self._hosts[host] = now = LiveHost(epoch, boot_id, say, close, time.monotonic())
            if before is not None:
                now.samples = before.samples
        if before is not None and before.say is not None:
            self.replaced += 1
            before.close()

    def disconnect(self, host: str, epoch: int) -> bool:
        """The connection of that epoch ended; False when a newer one has taken its place."""
        with self._lock:
            known = self._hosts.get(host)
            if known is None or known.epoch != epoch:
                return False
            known.say = None
            return True

    def hear(self, host: str) -> None:
        """Something came from ``host``."""
        with self._lock:
            if host in self._hosts:
                self._hosts[host].heard = time.monotonic()

    def silent_for(self, host: str) -> float:
        """Seconds since the host was heard, or since the Manager started."""
        with self._lock:
            known = self._hosts.get(host)
        return time.monotonic() - (known.heard if known is not None else self.started)

    def connected(self, host: str) -> LiveHost | None:
        """The host if it is connected."""
        with self._lock:
            known = self._hosts.get(host)
        return known if known is not None and known.say is not None else None

    def say(self, host: str, message: Part) -> bool:
        """Send ``message``; False when the host is not connected."""
        known = self.connected(host)
        if known is None or known.say is None:
            return False
        known.say(message)
        return True

    def say_to_all(self, message: Part) -> None:
        """Send ``message`` to every host that is connected."""
        with self._lock:
            hosts = [host for host, known in self._hosts.items() if known.say is not None]
        for host in hosts:
            self.say(host, message)

    def close(self, host: str) -> None:
        """End the host's connection, if it has one."""
        known = self.connected(host)
        if known is not None:
            known.close()

    def forget(self, host: str) -> None:
        """The host was removed."""
        self.close(host)
        with self._lock:
            self._hosts.pop(host, None)

    def note(self, host: str, statistics: Statistics) -> None:
        """Keep a sample."""
        with self._lock:
            known = self._hosts.get(host)
            if known is None:
                return
            known.samples.append(Sample(statistics.at, statistics.host))
            known.guests = {guest.uuid: guest for guest in statistics.guests}
            known.dropped += statistics.dropped

    def samples(self, host: str, since: float = 0.0) -> list[Sample]:
        """The samples after ``since``, oldest first."""
        with self._lock:
            known = self._hosts.get(host)
            return [one for one in known.samples if one.at > since] if known is not None else []

    def guest_loads(self, host: str) -> dict[str, GuestLoad]:
        """The latest load of each guest."""
        with self._lock:
            known = self._hosts.get(host)
            return dict(known.guests) if known is not None else {}

    def count(self) -> int:
        """How many are connected."""
        with self._lock:
            return sum(1 for known in self._hosts.values() if known.say is not None)
