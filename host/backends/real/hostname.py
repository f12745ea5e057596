"""The name of this machine, through systemd-hostnamed (host.machine.hostname.HostnameDaemon)."""

from __future__ import annotations

from host.backends.real.bus import HOSTNAMED, Bus


class RealHostname:
    """org.freedesktop.hostname1(5)."""

    def names(self) -> frozenset[str]:
        """The static and the current name."""
        with Bus() as bus:
            return frozenset(
                str(bus.get(HOSTNAMED, kind)) for kind in ("StaticHostname", "Hostname")
            )

    def set_name(self, name: str) -> None:
        """Set both."""
        with Bus() as bus:
            for method in ("SetStaticHostname", "SetHostname"):
                bus.call(HOSTNAMED, method, "sb", name, False)
