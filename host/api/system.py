"""SystemApi: keyboard, language, clock, logging, crash dumps and the root slots of a host."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, Protocol
from zoneinfo import ZoneInfo

from host.audit import Actor

if TYPE_CHECKING:
    from host.document.system import LogTarget

SourceState = Literal["selected", "combined", "candidate", "unreachable", "unusable"]


@dataclass(frozen=True)
class Choice:
    """Something to choose: ``name`` is what the document holds, ``title`` what people read."""

    name: str
    title: str


@dataclass(frozen=True)
class TimeSource:
    """A time server as chrony sees it; ``offset`` in seconds, ``reachable`` of the last 8 polls."""

    name: str
    state: SourceState
    stratum: int
    reachable: int
    offset: float


@dataclass(frozen=True)
class TimeStatus:
    """The clock; ``now`` in seconds since 1970.

    ``offset`` in seconds is what is left to correct, None where chrony is silent; then ``problem``
    says so, and ``remedy`` what to do about it.
    """

    now: float
    timezone: str
    synchronised: bool
    offset: float | None
    sources: tuple[TimeSource, ...]
    problem: str = ""
    remedy: str = ""

    @property
    def local_time(self) -> datetime:
        """Now, where the host is; in UTC where its zone is missing or has no data here."""
        try:
            return datetime.fromtimestamp(self.now, ZoneInfo(self.timezone))
        except (KeyError, ValueError, OSError):
            return datetime.fromtimestamp(self.now, UTC)


@dataclass(frozen=True)
class Slot:
    """A root slot: whether the host runs from it, starts from it next, and what is in it."""

    name: str
    running: bool
    next: bool
    kernel: str
    version: str


@dataclass(frozen=True)
class CrashDumpStatus:
    """Crash dumps: whether the kernel waits to write one, ``reserved`` bytes, what was written."""

    armed: bool
    reserved: int
    dumps: tuple[str, ...]
    problem: str = ""


class SystemApi(Protocol):
    """What belongs to the system as a whole."""

    def keyboards(self) -> tuple[Choice, ...]:
        """Keyboard layouts that this host has, by title."""

    def languages(self) -> tuple[Choice, ...]:
        """Locales that this host has."""

    def timezones(self) -> tuple[str, ...]:
        """Names of the tz database."""

    def time_status(self) -> TimeStatus:
        """The clock and its servers."""

    def firewall_services(self) -> tuple[str, ...]:
        """The services that the firewall knows."""

    def test_log_target(self, target: LogTarget, actor: Actor) -> str:
        """Send one message there; returns what came of it, raises Failure when it did not work.

        With ``udp`` nobody answers, so that only the sending can be told.
        """

    def slots(self) -> tuple[Slot, ...]:
        """The root slots, ``a`` before ``b``."""

    def crash_dump_status(self) -> CrashDumpStatus:
        """Whether a crash would leave a dump."""
