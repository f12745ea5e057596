"""An initiator in memory, and the portals it may ask (host.machine.iscsi.ISCSIDaemon).

A portal of the facts has ``targets`` (name to ``disks`` and, if asked for, ``chap``: user and
secret), may want ``chap`` for discovery, and may be ``silent``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from foundation.failure import Failure
from host.backends.simulated.simulation import Simulation
from host.backends.simulated.storage.disks import SimulatedDisks, disk_from
from host.document.storage import Chap
from host.document.storage_names import check_portal
from host.machine.iscsi import NodeAddress, NodeRecord
from host.storage_values import DiscoveredTarget, ISCSISession


class SimulatedISCSI:
    """``kept`` are the records, ``open`` the sessions by address, ``interfaces`` the bound ones."""

    def __init__(self, simulation: Simulation, disks: SimulatedDisks) -> None:
        """``disks`` are where the disks of targets appear."""
        self._simulation = simulation
        self._disks = disks
        self.portals: dict[str, Any] = simulation.facts.get("storage", {}).get("portals", {})
        self.kept: dict[NodeAddress, NodeRecord] = {}
        self.open: dict[NodeAddress, ISCSISession] = {}
        self.interfaces: dict[str, str] = {}

    def records(self) -> tuple[NodeAddress, ...]:
        """All addresses on record."""
        return tuple(sorted(self.kept))

    def record(self, address: NodeAddress) -> NodeRecord | None:
        """One record."""
        return self.kept.get(address)

    def put_record(self, record: NodeRecord) -> None:
        """Keep it."""
        self._simulation.changes("iscsi.put_record", record.address.target)
        self.kept[record.address] = record

    def remove_record(self, address: NodeAddress) -> None:
        """Forget it."""
        self._simulation.changes("iscsi.remove_record", address.target)
        self.kept.pop(address, None)

    def put_interface(self, name: str, network_interface: str) -> None:
        """Keep it."""
        self._simulation.changes("iscsi.put_interface", name)
        self.interfaces[name] = network_interface

    def restart(self) -> None:
        """Only noted."""
        self._simulation.changes("iscsi.restart")

    def sessions(self) -> tuple[ISCSISession, ...]:
        """Open sessions; those to a portal that has fallen silent have failed."""
        self._simulation.meet("iscsi.sessions")
        return tuple(
            replace(session, state="FAILED") if self._is_silent(address.portal) else session
            for address, session in self.open.items()
        )

    def login(self, address: NodeAddress) -> None:
        """Check who asks, then let the disks appear."""
        self._simulation.changes("iscsi.login", address.portal)
        if address in self.open:
            return
        target = self._portal(address.portal)["targets"].get(address.target)
        if target is None:
            raise Failure(
                f"{address.portal} has no target {address.target}.", "Discover its targets."
            )
        settings = self.kept[address].settings if address in self.kept else {}
        given = [settings.get(f"node.session.auth.{name}") for name in ("username", "password")]
        if target.get("chap") and target["chap"] != given:
            raise Failure(
                f"The target {address.target} refuses the user name or secret (CHAP).",
                "Compare both with what the storage has for this host.",
            )
        disks = [disk_from(disk) for disk in target.get("disks", ())]
        for disk in disks:  # one that another session shows keeps what is on it
            self._disks.known.setdefault(disk.name, disk)
        self.open[address] = ISCSISession(
            id=len(self.open) + 1,
            target=address.target,
            portal=address.portal,
            interface=address.interface,
            state="LOGGED_IN",
            disks=tuple(disk.name for disk in disks),
        )

    def logout(self, address: NodeAddress) -> None:
        """The disks of a target go with its last session."""
        self._simulation.changes("iscsi.logout", address.portal)
        session = self.open.pop(address, None)
        if session is not None and not any(s.target == address.target for s in self.open.values()):
            for name in session.disks:
                self._disks.known.pop(name, None)

    def discover(self, portal: str, chap: Chap | None) -> tuple[DiscoveredTarget, ...]:
        """All targets of a portal, with all portals that have them."""
        self._simulation.meet("iscsi.discover", portal)
        portal = check_portal(portal)
        known = self._portal(portal)
        given = [chap.username, chap.password.reveal()] if chap else None
        if known.get("chap") and known["chap"] != given:
            raise Failure(
                f"The portal {portal} refuses the user name or secret (CHAP).",
                "Compare both with what the storage has for this host.",
            )
        return tuple(
            DiscoveredTarget(
                name, tuple(p for p, facts in self.portals.items() if name in facts["targets"])
            )
            for name in known["targets"]
        )

    def rescan(self) -> int:
        """How many sessions there are."""
        self._simulation.changes("iscsi.rescan")
        return len(self.open)

    def _portal(self, portal: str) -> dict[str, Any]:
        if portal not in self.portals or self._is_silent(portal):
            raise Failure(
                f"The portal {portal} does not answer.",
                "Check its address, the cables and VLANs on the way, and any firewall.",
            )
        found: dict[str, Any] = self.portals[portal]
        return found

    def _is_silent(self, portal: str) -> bool:
        return bool(self.portals.get(portal, {}).get("silent"))
