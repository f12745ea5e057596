"""How busy a host is, as lines to be drawn: shares of the whole, and bytes per second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agent.protocol.statistics import Load
from manager.hosts.finding import Host
from manager.hosts.live import LiveHosts, Sample
from manager.services import Services
from manager.web.drawing.graphs import Samples

# Seconds that are shown, and into how many stretches they are cut: long enough that an Agent, which
# sends a sample each ten seconds, has told something in each.
SHORT = (300.0, 20)  # for a line in a table
LONG = (3600.0, 120)  # for a graph


@dataclass(frozen=True)
class Lines:
    """A line for each thing that is measured, oldest first; None where nothing was told."""

    cpu: Samples
    memory: Samples
    received: Samples
    sent: Samples
    read: Samples
    written: Samples
    network: Samples
    storage: Samples


def load_of(services: Services, host: Host, window: tuple[float, int]) -> Lines:
    """What ``host`` has told of the last while."""
    stretches = _cut(services, host, *window)

    def line(value: Callable[[Load], float]) -> Samples:
        return [
            sum(value(each.load) for each in stretch) / len(stretch) if stretch else None
            for stretch in stretches
        ]

    return Lines(
        cpu=line(lambda load: load.cpu),
        memory=line(lambda load: load.memory / host.memory if host.memory else 0.0),
        received=line(lambda load: load.received),
        sent=line(lambda load: load.sent),
        read=line(lambda load: load.read),
        written=line(lambda load: load.written),
        network=line(lambda load: load.received + load.sent),
        storage=line(lambda load: load.read + load.written),
    )


def _cut(services: Services, host: Host, seconds: float, count: int) -> list[list[Sample]]:
    """The samples in ``count`` stretches of equal length, the last of which ends now.

    Samples carry the Agent's clock, which may not be ours: for a host that is connected, now is
    when its last sample was taken.
    """
    samples = services.part(LiveHosts).samples(host.id)
    stretches: list[list[Sample]] = [[] for _ in range(count)]
    if not samples:
        return stretches
    end = samples[-1].at
    if not host.connected:
        end = max(end, services.clock().timestamp())
    for sample in samples:
        place = count - 1 - int((end - sample.at) * count / seconds)
        if 0 <= place < count:
            stretches[place].append(sample)
    return stretches
