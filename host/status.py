"""What a host looks like right now: plain values for status screens and `flexvdi-config status`.

Nothing here imports the document's models, so a screen can be drawn before they are loaded.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

CheckState = Literal["ok", "warning", "failed", "unknown"]
PowerAction = Literal["reboot", "poweroff"]
NOT_A_MEMBER = "none joined"
_WORST_FIRST: tuple[CheckState, ...] = ("failed", "warning", "unknown", "ok")


@dataclass(frozen=True)
class HostIdentity:
    """Who the host is: what a screen shows before anything else is known.

    ``displays`` are the protocols that the image's QEMU can serve desktops by; None when no image
    tells.
    """

    hostname: str
    product: str
    version: str
    displays: tuple[str, ...] | None = None


@dataclass(frozen=True)
class InterfaceStatus:
    """One network interface as the kernel has it.

    ``link`` is None where an interface has no carrier to speak of; ``speed`` is in Mbit/s;
    ``addresses`` carry their prefix length and leave link-local ones out.
    """

    name: str
    kind: str
    mac: str
    link: bool | None
    speed: int | None = None
    addresses: tuple[str, ...] = ()
    controller: str | None = None


@dataclass(frozen=True)
class HealthCheck:
    """One thing that was looked at: its state, why, and what to do about it."""

    name: str
    state: CheckState
    reason: str
    remedy: str = ""


@dataclass(frozen=True)
class Maintenance:
    """That the host is in maintenance: who said so, why, when (seconds since 1970).

    ``guests`` would have been started at boot, and are not until maintenance is left.
    """

    who: str
    reason: str
    since: float
    guests: tuple[str, ...] = ()


@dataclass(frozen=True)
class HostStatus:
    """A moment of a host. ``uptime`` in seconds; ``guests`` running, None when not known.

    ``manager`` is the address of the Manager that the host belongs to, or ``NOT_A_MEMBER``: a
    Manager may run here all the same, until this host has joined it.
    """

    identity: HostIdentity
    interfaces: tuple[InterfaceStatus, ...] = ()
    management: str | None = None
    gateway: str | None = None
    uptime: float = 0.0
    guests: int | None = None
    manager: str = NOT_A_MEMBER
    checks: tuple[HealthCheck, ...] = ()
    maintenance: Maintenance | None = None

    @property
    def management_address(self) -> str | None:
        """The address, without prefix, that administrators reach the host by."""
        for interface in self.interfaces:
            if interface.name == self.management and interface.addresses:
                return interface.addresses[0].partition("/")[0]
        return None

    @property
    def worst(self) -> CheckState:
        """The state of the worst check."""
        states = {check.state for check in self.checks}
        return next((state for state in _WORST_FIRST if state in states), "unknown")

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON-ready values."""
        return {**asdict(self), "management_address": self.management_address, "state": self.worst}


@dataclass(frozen=True)
class PowerSituation:
    """What a reboot would meet: running guests, and who asks the system to wait (who: why)."""

    guests: int | None
    inhibitors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Virtualization:
    """How guests run here: ``accelerator`` is ``kvm``, ``tcg`` (slow) or None (not at all)."""

    accelerator: Literal["kvm", "tcg"] | None
    reason: str
