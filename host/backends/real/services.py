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
# A unit that is being stopped runs until its last process has ended: systemd's ActiveState.
_RUNNING = ("active", "reloading", "deactivating")
# Seconds. Reading all units anew takes systemd long where it is busy besides, as at boot; systemctl
# waits as long for it. Meanwhile it answers nobody else.
_CHANGING, _ASKING = 180.0, 60.0
_ABSENT = ("NoSuchUnit", "FileNotFound")


class RealServices:
    """Units of systemd. ``units`` maps our names to the base's, as the image's release says."""

    def __init__(self, units: Mapping[str, str] | None = None) -> None:
        """Without ``units``, the names are those of a development machine."""
        self._units = {**_DEFAULT_UNITS, **(units or {})}

    def is_enabled(self, service: str) -> bool:
        """Whether its unit file says so."""
        with Bus(_ASKING) as bus:
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
        with Bus(_CHANGING) as bus:
            bus.call(SYSTEMD, "EnableUnitFiles", "asbb", [unit], False, True)
            bus.call(SYSTEMD, "Reload")
            bus.call(SYSTEMD, "ReloadOrRestartUnit", "ss", unit, "replace")

    def enable_at_boot(self, service: str) -> None:
        """Enable only."""
        with Bus(_CHANGING) as bus:
            bus.call(SYSTEMD, "EnableUnitFiles", "asbb", [self._unit(service)], False, True)
            bus.call(SYSTEMD, "Reload")

    def disable(self, service: str) -> None:
        """Disable and stop; a unit that does not exist is as disabled as can be."""
        unit = self._unit(service)
        with Bus(_CHANGING) as bus:
            try:
                bus.call(SYSTEMD, "DisableUnitFiles", "asb", [unit], False)
                bus.call(SYSTEMD, "Reload")
                bus.call(SYSTEMD, "StopUnit", "ss", unit, "replace")
            except BusFailure as failure:
                if not failure.error.endswith(_ABSENT):
                    raise

    def restart_first(self, units: tuple[str, ...]) -> None:
        """Restart the first that is there."""
        with Bus(_CHANGING) as bus:
            for unit in units:
                path = bus.call(SYSTEMD, "LoadUnit", "s", unit)
                if bus.get(SYSTEMD, "LoadState", path=path, interface=_UNIT) == "loaded":
                    bus.call(SYSTEMD, "RestartUnit", "ss", unit, "replace")
                    return

    def restart(self, service: str) -> None:
        """RestartUnit starts what does not run."""
        with Bus(_CHANGING) as bus:
            bus.call(SYSTEMD, "RestartUnit", "ss", self._unit(service), "replace")

    def is_running(self, service: str) -> bool:
        """Whether processes of it run, on its way down too; of one that is not loaded none do."""
        with Bus(_ASKING) as bus:
            path = bus.call(SYSTEMD, "LoadUnit", "s", self._unit(service))
            return bus.get(SYSTEMD, "ActiveState", path=path, interface=_UNIT) in _RUNNING

    def _unit(self, service: str) -> str:
        return self._units.get(service) or (service if "." in service else f"{service}.service")
