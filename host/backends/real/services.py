"""The units of this machine, through systemd's D-Bus interface (host.machine.services.Services).

The interface is ``org.freedesktop.systemd1``, org.freedesktop.systemd1(5).
"""

from __future__ import annotations

from collections.abc import Mapping

from host.backends.real.bus import SYSTEMD, Bus, BusFailure

_UNIT = "org.freedesktop.systemd1.Unit"
_DEFAULT_UNITS: Mapping[str, str] = {
    "ssh": "ssh.service",
    "chrony": "chrony.service",
    "firewall": "firewalld.service",
    "kdump": "kdump-tools.service",
}
_ABSENT = ("NoSuchUnit", "FileNotFound")


class RealServices:
    """Units of systemd. ``units`` maps our names to the base's, as the image's release says."""

    def __init__(self, units: Mapping[str, str] | None = None) -> None:
        """Without ``units``, the names are those of a development machine."""
        self._units = {**_DEFAULT_UNITS, **(units or {})}

    def is_enabled(self, service: str) -> bool:
        """Whether its unit file says so."""
        with Bus() as bus:
            try:
                state = bus.call(SYSTEMD, "GetUnitFileState", "s", self._unit(service))
            except BusFailure as failure:
                if failure.error.endswith(_ABSENT):
                    return False
                raise
        return bool(state == "enabled")

    def enable(self, service: str) -> None:
        """Enable, and start or reload."""
        unit = self._unit(service)
        with Bus() as bus:
            bus.call(SYSTEMD, "EnableUnitFiles", "asbb", [unit], False, True)
            bus.call(SYSTEMD, "Reload")
            bus.call(SYSTEMD, "ReloadOrRestartUnit", "ss", unit, "replace")

    def enable_at_boot(self, service: str) -> None:
        """Enable only."""
        with Bus() as bus:
            bus.call(SYSTEMD, "EnableUnitFiles", "asbb", [self._unit(service)], False, True)
            bus.call(SYSTEMD, "Reload")

    def disable(self, service: str) -> None:
        """Disable and stop; a unit that does not exist is as disabled as can be."""
        unit = self._unit(service)
        with Bus() as bus:
            try:
                bus.call(SYSTEMD, "DisableUnitFiles", "asb", [unit], False)
                bus.call(SYSTEMD, "Reload")
                bus.call(SYSTEMD, "StopUnit", "ss", unit, "replace")
            except BusFailure as failure:
                if not failure.error.endswith(_ABSENT):
                    raise

    def restart_first(self, units: tuple[str, ...]) -> None:
        """Restart the first that is there."""
        with Bus() as bus:
            for unit in units:
                path = bus.call(SYSTEMD, "LoadUnit", "s", unit)
                if bus.get(SYSTEMD, "LoadState", path=path, interface=_UNIT) == "loaded":
                    bus.call(SYSTEMD, "RestartUnit", "ss", unit, "replace")
                    return

    def restart(self, service: str) -> None:
        """RestartUnit starts what does not run."""
        with Bus() as bus:
            bus.call(SYSTEMD, "RestartUnit", "ss", self._unit(service), "replace")

    def is_running(self, service: str) -> bool:
        """Whether it is active; a unit that is not loaded is not."""
        with Bus() as bus:
            path = bus.call(SYSTEMD, "LoadUnit", "s", self._unit(service))
            return bool(bus.get(SYSTEMD, "ActiveState", path=path, interface=_UNIT) == "active")

    def _unit(self, service: str) -> str:
        return self._units.get(service) or (service if "." in service else f"{service}.service")
