"""The clock of this machine, through systemd-timedated and chronyc (host.machine.clock.Clock)."""

from __future__ import annotations

import logging

from foundation.failure import Failure
from foundation.process import ProcessFailed, run
from host.api.system import SourceState, TimeSource
from host.backends.real.bus import TIMEDATED, Bus

_STATES: dict[str, SourceState] = {
    "*": "selected",
    "+": "combined",
    "-": "candidate",
    "?": "unreachable",
    "x": "unusable",
    "~": "unusable",
}
_NOT_SYNCHRONISED = "Not synchronised"

log = logging.getLogger("flexvdi.clock")


class RealClock:
    """org.freedesktop.timedate1(5), chronyc(1)."""

    def timezone(self) -> str:
        """The zone in force."""
        with Bus() as bus:
            return str(bus.get(TIMEDATED, "Timezone"))

    def set_timezone(self, name: str) -> None:
        """Set the zone."""
        with Bus() as bus:
            bus.call(TIMEDATED, "SetTimezone", "sb", name, False)

    def set_hardware_clock(self, utc: bool) -> None:
        """Change what the hardware clock keeps, if it is the other."""
        with Bus() as bus:
            if bus.get(TIMEDATED, "LocalRTC") == utc:
                bus.call(TIMEDATED, "SetLocalRTC", "bbb", not utc, False, False)

    def reload_sources(self) -> None:
        """Tell chronyd."""
        try:
            run(["chronyc", "reload", "sources"], timeout=15)
        except Failure as failure:  # chrony reads them when it starts; health shows whether it did
            log.warning("chrony did not take its new sources yet: %s", failure.cause)

    def synchronised(self) -> bool:
        """As the kernel says, which timedated passes on."""
        with Bus(timeout=5) as bus:
            return bool(bus.get(TIMEDATED, "NTPSynchronized"))

    def sources(self) -> tuple[TimeSource, ...]:
        """chronyc's CSV."""
        return read_sources(_ask_chrony("-n", "sources"))

    def offset(self) -> float | None:
        """The system time's offset from the servers' time."""
        return read_offset(_ask_chrony("tracking"))


def _ask_chrony(*words: str) -> str:
    try:
        return run(["chronyc", "-c", *words], timeout=15).stdout
    except ProcessFailed as error:
        raise Failure(
            "chrony does not answer.",
            "See `systemctl status chrony chronyd`; it starts again with `flexvdi-config apply`.",
            details=error.details,
        ) from error


def read_sources(said: str) -> tuple[TimeSource, ...]:
    """Lines of mode, state, name, stratum, poll, reach (octal), last, adjusted offset, …"""
    sources = []
    for line in said.splitlines():
        fields = line.split(",")
        if len(fields) >= 8:
            sources.append(
                TimeSource(
                    name=fields[2],
                    state=_STATES.get(fields[1], "unusable"),
                    stratum=int(fields[3]),
                    reachable=int(fields[5], 8).bit_count(),
                    offset=float(fields[7]),
                )
            )
    return tuple(sources)


def read_offset(said: str) -> float | None:
    """The fifth field of ``chronyc -c tracking``; the last one tells whether it means anything."""
    fields = said.strip().split(",")
    if len(fields) < 14 or fields[-1] == _NOT_SYNCHRONISED:
        return None
    return float(fields[4])
