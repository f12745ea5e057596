"""The clock of this machine, through systemd-timedated and chronyc (host.machine.clock.Clock)."""

from __future__ import annotations

import logging

from foundation.failure import Failure
from foundation.process import run
from host.backends.real.bus import TIMEDATED, Bus

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
