"""A plan in words: what an installation would do, for people to read before it does."""

from __future__ import annotations

from collections.abc import Iterator

from host.document.network import VLAN, Bond, Bridge, Interface
from kickstart.install_plan import (
    Formatted,
    InstallPlan,
    LogicalVolume,
    Partition,
    RaidArray,
    Storage,
    VolumeGroup,
)


def describe(plan: InstallPlan) -> str:
    """Several lines of text: disks, layout, network, people, scripts, and the notes."""
    if plan.rescue:
        return f"{plan.source}: starts a rescue shell; nothing is installed.\n"
    lines = [plan.source]
    sections = (
        ("Disks", _disks(plan.storage)),
        ("Layout", _layout(plan.storage)),
        ("Host", _host(plan)),
        ("Network", _network(plan)),
        ("People", _people(plan)),
        ("Scripts", _scripts(plan)),
        ("Notes", (f"{note.where}: {note.text}" for note in plan.notes)),
    )
    for title, content in sections:
        described = list(content)
        if described:
            lines += ["", title, *(f"  {line}" for line in described)]
    return "\n".join(lines) + "\n"


def _disks(storage: Storage) -> Iterator[str]:
    if storage.use.only:
        yield f"only {', '.join(storage.use.only)} may be used"
    if storage.use.ignored:
        yield f"{', '.join(storage.use.ignored)} are left alone"
    clearing = storage.clearing
    if clearing is None or (clearing.scope == "none" and not clearing.zerombr):
        yield "nothing is erased: disks that hold data are refused"
        return
    where = f"on {', '.join(clearing.disks)}" if clearing.disks else "on every disk that is used"
    if clearing.scope == "all":
        yield f"ERASES everything {where}"
    elif clearing.scope == "linux":
        yield f"ERASES the Linux partitions {where}"
    elif clearing.scope == "list":
        yield f"ERASES the partitions {', '.join(clearing.partitions)}"
    if clearing.zerombr:
        yield "initialises disks whose partition table cannot be read"


def _layout(storage: Storage) -> Iterator[str]:
    if storage.automatic:
        yield f"automatic, {storage.automatic.scheme}"
    if storage.required:
        boot = " and /boot" if storage.required_with_boot else ""
        yield f"the partitions that the firmware needs{boot}"
    handles = {part.name: part for part in storage.partitions if part.role == "raid-member"}
    for part in storage.partitions:
        if part.role in ("physical-volume", "raid-member"):
            continue
        yield f"{_name_of(part):<24}{_size(part):<22}{_filesystem(part):<12}{_place(part)}"
    for raid in storage.raids:
        yield _raid(raid, handles)
        if raid.volume_name:
            yield from _group_on(storage, raid.volume_name, "  ")
    for part in storage.partitions:
        if part.role == "physical-volume":
            yield f"{'LVM physical volume':<24}{_size(part):<22}{'':<12}{_place(part)}"
            yield from _group_on(storage, part.name, "  ")


def _raid(raid: RaidArray, members: dict[str, Partition]) -> str:
    places = ", ".join(
        f"{_place(members[name])} ({_size(members[name])})"
        for name in raid.members
        if name in members
    )
    what = raid.mount_point or ("LVM physical volume" if raid.volume_name else "unused")
    spares = f", {raid.spares} spare" if raid.spares else ""
    return f"{what:<24}RAID{raid.level} {raid.device}{spares} {_filesystem(raid)} {places}".rstrip()


def _group_on(storage: Storage, member: str, indent: str) -> Iterator[str]:
    """The volume group of a physical volume, below the first of its members."""
    for group in storage.groups:
        if group.members[:1] != (member,):
            continue
        yield f"{indent}volume group {group.name}{_reserved(group)}"
        for volume in storage.volumes:
            if volume.group == group.name and volume.kind != "thin":
                yield f"{indent}  {_volume(volume)}"
                for thin in storage.volumes:
                    if thin.kind == "thin" and (thin.group, thin.pool) == (group.name, volume.name):
                        yield f"{indent}    {_volume(thin)}"


def _reserved(group: VolumeGroup) -> str:
    if group.reserved:
        return f", {group.reserved} MiB kept free"
    return f", {group.reserved_percent} % kept free" if group.reserved_percent else ""


def _volume(volume: LogicalVolume) -> str:
    what = "thin pool" if volume.kind == "thin-pool" else volume.mount_point or "unused"
    return f"{what:<26}{_size(volume):<22}{_filesystem(volume):<12}{volume.name}".rstrip()


def _name_of(part: Partition) -> str:
    return {"bios-boot": "BIOS boot area"}.get(part.role) or part.mount_point or part.name


def _size(item: Partition | LogicalVolume) -> str:
    if item.recommended:
        return "size by memory"
    share = item.percent if isinstance(item, LogicalVolume) else None
    size = f"{share} %" if share else f"{item.size} MiB" if item.size else "as it is"
    if not item.grow:
        return size
    return f"{size} to {item.max_size} MiB" if item.max_size else f"{size} or more"


def _filesystem(item: Formatted) -> str:
    if not item.format:
        return "kept"
    return item.filesystem or ""


def _place(part: Partition) -> str:
    return part.existing or (f"on {part.disk}" if part.disk else "on any disk")


def _host(plan: InstallPlan) -> Iterator[str]:
    identity, time = plan.document.identity, plan.document.time
    yield f"{identity.hostname}, {identity.language}, keyboard {identity.keyboard}"
    servers = ", ".join((*time.ntp_servers, *time.ntp_pools))
    yield f"time zone {time.timezone}" + (f", time from {servers}" if servers else "")
    if plan.payload:
        checked = "with its checksum" if plan.payload.sha256 else "without a checksum"
        yield f"image {plan.payload.url}, {checked}"
    firewall = plan.document.firewall
    open_for = ", ".join((*firewall.services, *firewall.ports)) or "nothing"
    yield f"firewall open for {open_for}" if firewall.enabled else "no firewall"
    if plan.bootloader.append:
        yield f"kernel arguments {plan.bootloader.append}"
    ending = {"wait": "waits at the end"}.get(plan.finish, f"{plan.finish} at the end")
    yield ending + (" and the medium is ejected" if plan.eject else "")


def _network(plan: InstallPlan) -> Iterator[str]:
    network = plan.document.network
    if not network.interfaces:
        yield "every wired port asks DHCP"
    for interface in network.interfaces:
        management = ", management" if interface.name == network.management else ""
        yield f"{interface.name}: {_interface(interface)}{management}"


def _interface(interface: Interface) -> str:
    match interface:
        case Bond():
            kind = f"bond ({interface.mode}) of {', '.join(interface.ports)}"
        case VLAN():
            kind = f"VLAN {interface.id} on {interface.parent}"
        case Bridge():
            kind = f"bridge of {', '.join(interface.ports) or 'nothing'}"
        case _:
            kind = f"port {interface.mac or ''}".rstrip()
    parts = [kind]
    for name, family, automatic in (
        ("IPv4", interface.ipv4, "DHCP"),
        ("IPv6", interface.ipv6, "automatic"),
    ):
        if family.method == "manual":
            addresses = ", ".join(map(str, family.addresses))
            parts.append(f"{addresses}" + (f" via {family.gateway}" if family.gateway else ""))
        elif family.method != "disabled":
            parts.append(f"{name} {automatic if family.method == 'auto' else family.method}")
    if interface.dns_servers:
        parts.append(f"DNS {', '.join(map(str, interface.dns_servers))}")
    return ", ".join(parts)


def _people(plan: InstallPlan) -> Iterator[str]:
    access = plan.document.access
    root = "with a password" if access.root_password_hash else "without a password"
    keys = len(access.root_ssh_keys)
    yield f"root {root}" + (f" and {keys} SSH key{'s' * (keys > 1)}" if keys else "")
    for user in plan.users:
        groups = f" in {', '.join(user.groups)}" if user.groups else ""
        yield f"{user.name}{groups}{', locked' if user.locked else ''}"
    for administrator in access.administrators:
        if administrator.name not in (user.name for user in plan.users):
            yield f"{administrator.name}, an administrator"


def _scripts(plan: InstallPlan) -> Iterator[str]:
    for script in plan.scripts:
        count = script.text.count("\n")
        stops = ", its failure stops the installation" if script.stop_on_error else ""
        yield f"%{script.stage} of {count} lines ({script.where}){stops}"
