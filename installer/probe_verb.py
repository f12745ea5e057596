"""``flexvdi-install probe``: this machine as the installer sees it, for people."""

from __future__ import annotations

from collections.abc import Iterator

from installer.machine.model import Disk, Machine, in_words


def describe_machine(machine: Machine) -> str:
    """The machine as text: what it is, its disks with what is on them, its network ports."""
    return "\n".join(_lines(machine))


def _lines(machine: Machine) -> Iterator[str]:
    about = " ".join(part for part in (machine.vendor, machine.product) if part) or "unknown model"
    serial = f", serial {machine.serial}" if machine.serial else ""
    boot = " with Secure Boot" if machine.secure_boot else ""
    yield f"Machine: {about}{serial}"
    yield f"Firmware: {machine.firmware.upper()}{boot}; memory: {in_words(machine.memory)}"
    yield f"Disks: {len(machine.disks)}"
    for disk in machine.disks:
        yield f"  {disk.described}"
        if disk.wwn:
            yield f"    WWN {disk.wwn}"
        yield f"    lasting name: {disk.lasting_path}"
        for line in contents_of(disk):
            yield f"    {line}"
    for group in machine.groups:
        yield f"Volume group {group.name} on {', '.join(group.physical_volumes)}"
    for array in machine.arrays:
        yield f"Mirror {array.name} ({array.level}) on {', '.join(array.members)}"
    yield f"Network ports: {len(machine.network_ports)}"
    for port in machine.network_ports:
        link = {True: "link", False: "no link", None: "down"}[port.link]
        speed = f", {port.speed} Mbit/s" if port.speed and port.speed > 0 else ""
        addresses = f", {', '.join(port.addresses)}" if port.addresses else ""
        yield f"  {port.name}  {port.mac}  {port.driver}  {link}{speed}{addresses}"


def contents_of(disk: Disk) -> tuple[str, ...]:
    """What is on a disk now, in a line each."""
    lines: list[str] = []
    if disk.install_medium:
        lines.append("this is the install medium")
    if disk.is_blank:
        lines.append("empty")
    if disk.content.kind:
        lines.append(_content(disk.content.kind, disk.content.label))
    for node in disk.nodes:
        what = _content(node.content.kind, node.content.label) if node.content.kind else node.kind
        at = f", mounted at {', '.join(node.mount_points)}" if node.mount_points else ""
        lines.append(f"{node.name}  {in_words(node.size)}  {what}{at}")
    return tuple(lines)


def contents_in_short(disk: Disk) -> str:
    """What is on a disk now, in a few words for a table."""
    if disk.install_medium:
        return "install medium"
    if disk.is_blank:
        return "empty"
    kinds = dict.fromkeys(node.content.kind for node in disk.nodes if node.content.kind)
    if not kinds and disk.content.kind:
        kinds = {disk.content.kind: None}
    count = len(disk.partitions)
    partitions = f"{count} partition{'s' if count != 1 else ''}" if count else ""
    return ", ".join(part for part in (partitions, " ".join(str(kind) for kind in kinds)) if part)


def _content(kind: str, label: str | None) -> str:
    return f"{kind} “{label}”" if label else kind
