"""iSCSI: this host's name, and the targets that it logs in to.

Targets that the document no longer names are left by host.parts.iscsi_leaving, after what was on
them is unmounted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from host.change import Change, PartPlan
from host.document.model import HostDocument
from host.document.storage import Chap, ISCSITarget
from host.document.storage_files import ISCSI_NAME_FILE, initiator_name_file
from host.document.system_files import FileContent
from host.files_part import captured
from host.jobs import JobStep
from host.machine import Machine
from host.machine.iscsi import DEFAULT_INTERFACE, NodeAddress, NodeRecord

_NAME_STEP = "iscsi/name"
_DEFAULT_TIMEOUT, _MULTIPATH_TIMEOUT = 120, 5


class ISCSIPart:
    """See host.parts.Part."""

    name = "iscsi"
    title = "iSCSI"
    rank = 110

    def plan(
        self, wanted: HostDocument, current: HostDocument | None, machine: Machine
    ) -> PartPlan:
        """Compare the name and every record."""
        changes: list[Change] = []
        steps: list[JobStep] = []
        name, now = wanted.storage.iscsi.initiator_name, initiator_name(machine)
        if name is not None and name != now:
            words = f"iSCSI name of this host: {now or 'none'} -> {name}"
            changes.append(Change(self.name, words, "service"))
            steps.append(_name_step(name, machine))
        for target in wanted.storage.iscsi.targets:
            records = tuple(wanted_records(wanted, target))
            different = [
                record
                for record in records
                if machine.storage.iscsi.record(record.address) != record
            ]
            if different:
                changes.append(self._change(target, different, machine))
                steps.append(_target_step(target.name, records, machine))
        return PartPlan(tuple(changes), tuple(steps))

    def undo(self, step: str, found: dict[str, Any], machine: Machine) -> None:
        """Put records back as they were, and end the sessions that were opened."""
        if step == _NAME_STEP:
            for path, content in found.items():
                machine.files.put(path, FileContent(**content) if content else None)
            machine.storage.iscsi.restart()
            return
        iscsi = machine.storage.iscsi
        for entry in found["records"]:
            address = NodeAddress(*entry["address"])
            if not entry["open"]:
                iscsi.logout(address)
            if entry["settings"] is None:
                iscsi.remove_record(address)
            else:
                iscsi.put_record(record_of(entry))

    def _change(self, target: ISCSITarget, different: list[NodeRecord], machine: Machine) -> Change:
        known = [r for r in different if machine.storage.iscsi.record(r.address) is not None]
        verb = "change how this host logs in" if known else "log in, now and at every boot"
        details = "\n".join(
            f"{way(record.address)}: {'change' if record in known else 'add'}"
            for record in different
        )
        return Change(self.name, f"iSCSI target {target.name}: {verb}", "none", details)


def initiator_name(machine: Machine) -> str:
    """The name in iscsid's file; empty when there is none."""
    content = machine.files.read(ISCSI_NAME_FILE)
    found = re.search(r"^InitiatorName=(\S+)", content.text if content else "", re.MULTILINE)
    return found[1] if found else ""


def open_iscsi_interface(network_interface: str) -> str:
    """The name of the open-iscsi interface that is bound to a network interface."""
    return f"flexvdi-{network_interface}"


def wanted_records(document: HostDocument, target: ISCSITarget) -> Iterator[NodeRecord]:
    """A record for each portal of a target from each interface."""
    iscsi = document.storage.iscsi
    timeout = iscsi.replacement_timeout
    if timeout is None:
        timeout = _MULTIPATH_TIMEOUT if document.storage.multipath.enabled else _DEFAULT_TIMEOUT
    interfaces = [open_iscsi_interface(name) for name in iscsi.interfaces] or [DEFAULT_INTERFACE]
    for portal in target.portals:
        for interface in interfaces:
            address = NodeAddress(target.name, portal, interface)
            yield NodeRecord(address, node_settings(target.chap, timeout))


def node_settings(chap: Chap | None, replacement_timeout: int) -> dict[str, str]:
    """open-iscsi's settings of a target that is logged in to at every boot."""
    session = "node.session."
    settings = {
        "node.startup": "automatic",
        "node.conn[0].startup": "automatic",
        f"{session}timeo.replacement_timeout": str(replacement_timeout),
        f"{session}auth.authmethod": "CHAP" if chap else "None",
    }
    if chap is not None:
        settings[f"{session}auth.username"] = chap.username
        settings[f"{session}auth.password"] = chap.password.reveal()
        if chap.target_username is not None and chap.target_password is not None:
            settings[f"{session}auth.username_in"] = chap.target_username
            settings[f"{session}auth.password_in"] = chap.target_password.reveal()
    return settings


def capture_records(addresses: tuple[NodeAddress, ...], machine: Machine) -> dict[str, Any]:
    """Records and sessions as JSON-ready values, for a journal that root alone reads."""
    iscsi = machine.storage.iscsi
    opened = {(s.target, s.portal, s.interface or DEFAULT_INTERFACE) for s in iscsi.sessions()}
    entries = []
    for address in addresses:
        record = iscsi.record(address)
        key = (address.target, address.portal, address.interface)
        entries.append(
            {
                "address": list(key),
                "settings": dict(record.settings) if record is not None else None,
                "portal_group": record.portal_group if record is not None else None,
                "open": key in opened,
            }
        )
    return {"records": entries}


def record_of(entry: Mapping[str, Any]) -> NodeRecord:
    """The record of an entry that :func:`capture_records` made, and that had settings."""
    address = NodeAddress(*entry["address"])
    return NodeRecord(address, entry["settings"], entry.get("portal_group"))


def way(address: NodeAddress) -> str:
    """A way to a target in words, for the details of a change."""
    bound = address.interface != DEFAULT_INTERFACE
    through = f" through {address.interface.removeprefix('flexvdi-')}" if bound else ""
    return f"{address.portal}{through}"


def _name_step(name: str, machine: Machine) -> JobStep:
    def do() -> None:
        machine.files.put(ISCSI_NAME_FILE, initiator_name_file(name))
        machine.storage.iscsi.restart()

    return JobStep(
        name=_NAME_STEP,
        title="iSCSI name of this host",
        is_done=lambda: initiator_name(machine) == name,
        capture=lambda: captured({ISCSI_NAME_FILE: machine.files.read(ISCSI_NAME_FILE)}),
        do=do,
        undo=lambda found: PART.undo(_NAME_STEP, found, machine),
    )


def _target_step(target: str, records: tuple[NodeRecord, ...], machine: Machine) -> JobStep:
    iscsi = machine.storage.iscsi
    addresses = tuple(record.address for record in records)

    def is_done() -> bool:
        found = capture_records(addresses, machine)["records"]
        return all(entry["open"] for entry in found) and all(
            iscsi.record(record.address) == record for record in records
        )

    def do() -> None:
        for interface in dict.fromkeys(address.interface for address in addresses):
            if interface != DEFAULT_INTERFACE:
                iscsi.put_interface(interface, interface.removeprefix("flexvdi-"))
        for record in records:
            iscsi.put_record(record)
            iscsi.login(record.address)  # tells the portal's group, which the next one needs

    name = f"iscsi/{target}"
    return JobStep(
        name=name,
        title=f"iSCSI target {target}",
        is_done=is_done,
        capture=lambda: capture_records(addresses, machine),
        do=do,
        undo=lambda found: PART.undo(name, found, machine),
    )


PART = ISCSIPart()
