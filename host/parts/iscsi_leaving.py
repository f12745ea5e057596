"""iSCSI targets that the document no longer names: log out, and forget them.

This comes after mounts are gone; a target whose disks are still in use is not left.
"""

from __future__ import annotations

from typing import Any

from foundation.failure import Failure
from host.change import Change, PartPlan
from host.document.model import HostDocument
from host.jobs import JobStep
from host.machine import Machine
from host.machine.iscsi import DEFAULT_INTERFACE, NodeAddress
from host.parts.iscsi import capture_records, record_of, wanted_records, way
from host.storage_use import uses_of


class ISCSILeavingPart:
    """See host.parts.Part."""

    name = "iscsi_leaving"
    title = "iSCSI targets that are left"
    rank = 145

    def plan(
        self, wanted: HostDocument, current: HostDocument | None, machine: Machine
    ) -> PartPlan:
        """What the document in force names and the wanted one does not, and is on record."""
        if current is None or not current.storage.iscsi.targets:
            return PartPlan()
        kept = _addresses(wanted)
        leaving = [
            address
            for address in _addresses(current)
            if address not in kept and machine.storage.iscsi.record(address) is not None
        ]
        targets = dict.fromkeys(address.target for address in leaving)
        by_target = {t: tuple(a for a in leaving if a.target == t) for t in targets}
        return PartPlan(
            tuple(
                Change(
                    self.name,
                    f"iSCSI target {target}: log out, and do not log in again",
                    "service",
                    "\n".join(f"{way(address)}: remove" for address in addresses),
                )
                for target, addresses in by_target.items()
            ),
            tuple(_step(target, addresses, machine) for target, addresses in by_target.items()),
        )

    def undo(self, step: str, found: dict[str, Any], machine: Machine) -> None:
        """Remember the target, and log in where a session was open."""
        for entry in found["records"]:
            if entry["settings"] is None:
                continue
            record = record_of(entry)
            machine.storage.iscsi.put_record(record)
            if entry["open"]:
                machine.storage.iscsi.login(record.address)


def _addresses(document: HostDocument) -> list[NodeAddress]:
    return [
        record.address
        for target in document.storage.iscsi.targets
        for record in wanted_records(document, target)
    ]


def _step(target: str, addresses: tuple[NodeAddress, ...], machine: Machine) -> JobStep:
    iscsi = machine.storage.iscsi

    def do() -> None:
        refuse_while_in_use(target, addresses, machine)
        for address in addresses:
            iscsi.logout(address)
            iscsi.remove_record(address)

    name = f"iscsi_leaving/{target}"
    return JobStep(
        name=name,
        title=f"Leave the iSCSI target {target}",
        is_done=lambda: all(iscsi.record(address) is None for address in addresses),
        capture=lambda: capture_records(addresses, machine),
        do=do,
        undo=lambda found: PART.undo(name, found, machine),
    )


def refuse_while_in_use(target: str, leaving: tuple[NodeAddress, ...], machine: Machine) -> None:
    """Raise Failure if the last sessions to a target would go while its disks are used."""
    sessions = [s for s in machine.storage.iscsi.sessions() if s.target == target]
    ends = {(address.portal, address.interface) for address in leaving}
    if any((s.portal, s.interface or DEFAULT_INTERFACE) not in ends for s in sessions):
        return  # another path stays
    names = {name for session in sessions for name in session.disks}
    disks = machine.storage.disks.disks() if names else ()
    for disk in disks:
        if disk.name in names and (uses := uses_of(disk, disks)):
            raise Failure(
                f"The disk {disk.name} of {target} is in use: {', '.join(uses)}.",
                "Take its mounts out of the document, or unmount it and run "
                "`vgchange --activate n` on its volume group; then try again.",
            )


PART = ISCSILeavingPart()
