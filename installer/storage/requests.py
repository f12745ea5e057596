"""From the partitions that a plan asks for to requests, each for one certain disk.

Adds what the plan leaves unsaid: which disk, and a BIOS boot area and an ESP on every disk that
the host is to boot from, whatever the firmware of today, so that disks may move between machines.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from foundation.failure import Failure
from installer.machine.model import Disk, Machine, in_words
from installer.storage import sizes
from installer.storage.arithmetic import MIB, Demand, usable_region
from installer.storage.clearing import explicitly_cleared
from installer.storage.layout import PartitionRole
from installer.storage.selection import (
    allowed_disks,
    list_disks,
    matching_disks,
    refuse_unwritable,
    resolve_disk,
    resolve_partition,
)
from kickstart.install_plan import Bootloader, Partition, Storage

_ESP_HANDLE = "/boot/efi"


@dataclass(frozen=True)
class PartitionRequest:
    """A partition wanted on the disk named ``disk``; the demand is in MiB.

    ``source`` is what the author wrote, None for what was added; ``existing`` is the path of a
    partition that is there already.
    """

    role: PartitionRole
    label: str
    handle: str
    demand: Demand
    disk: str
    source: Partition | None = None
    existing: str | None = None


def plan_requests(
    storage: Storage, bootloader: Bootloader, machine: Machine
) -> tuple[tuple[PartitionRequest, ...], tuple[str, ...]]:
    """All partitions wanted, and the names of the disks to boot from, the first choice first."""
    allowed = _usable_by_plan(storage, bootloader, machine)
    requests = _assign_disks(storage, allowed, machine)
    if storage.required_with_boot and not _mounted(storage, "/boot"):
        requests = (*requests, _boot_request(storage, _first_disk(storage, allowed, requests)))
    if bootloader.location == "none":
        return requests, ()
    boots = _boot_disks(storage, bootloader, machine, requests)
    return _with_boot_areas(requests, boots, machine), boots


def _usable_by_plan(storage: Storage, bootloader: Bootloader, machine: Machine) -> tuple[Disk, ...]:
    """Allowed disks, the likeliest first: those to boot from, those to be cleared, the others."""
    preferred: list[Disk] = []
    for name in filter(None, (bootloader.boot_drive, *bootloader.drives)):
        preferred.append(resolve_disk(name, machine, bootloader.where))
    preferred += explicitly_cleared(storage.clearing, machine)
    try:
        allowed: tuple[Disk, ...] = allowed_disks(storage.use, machine)
    except Failure:
        if storage.use.only or not preferred:
            raise
        allowed = ()  # only removable disks, but some are named one by one
    if storage.use.only:
        names = {disk.name for disk in allowed}
        preferred = [disk for disk in preferred if disk.name in names]
    return tuple({disk.name: disk for disk in (*preferred, *allowed)}.values())


def _assign_disks(
    storage: Storage, allowed: tuple[Disk, ...], machine: Machine
) -> tuple[PartitionRequest, ...]:
    array_of = {member: raid.device for raid in storage.raids for member in raid.members}
    taken: dict[str, int] = {}
    arrays_on: set[tuple[str, str]] = set()
    chosen: dict[int, Disk] = {}
    fixed = [(i, p) for i, p in enumerate(storage.partitions) if p.disk or p.existing]
    floating = [(i, p) for i, p in enumerate(storage.partitions) if not (p.disk or p.existing)]

    def settle(index: int, partition: Partition, disk: Disk) -> None:
        chosen[index] = disk
        if not partition.existing:
            taken[disk.name] = taken.get(disk.name, 0) + least_mib(partition, machine, disk)
        if partition.name in array_of:
            arrays_on.add((array_of[partition.name], disk.name))

    for index, partition in fixed:
        settle(index, partition, _named_disk(partition, storage, machine))
    for index, partition in floating:
        array = array_of.get(partition.name)
        open_to = [disk for disk in allowed if array is None or (array, disk.name) not in arrays_on]
        settle(index, partition, _first_with_room(partition, open_to, taken, machine))
    return tuple(
        _request(partition, chosen[i], machine) for i, partition in enumerate(storage.partitions)
    )


def _named_disk(partition: Partition, storage: Storage, machine: Machine) -> Disk:
    if partition.existing:
        return resolve_partition(partition.existing, machine, partition.where)[0]
    assert partition.disk is not None
    disk = resolve_disk(partition.disk, machine, partition.where)
    refuse_unwritable(disk, partition.where)
    ignored = {d.name for name in storage.use.ignored for d in matching_disks(name, [disk])}
    only = {d.name for name in storage.use.only for d in matching_disks(name, [disk])}
    if ignored or (storage.use.only and not only):
        raise Failure(
            f"{partition.name} is to go on {disk.path}, which ignoredisk excludes.",
            "Name a disk that may be used, or change ignoredisk.",
            where=partition.where,
        )
    return disk


def _first_with_room(
    partition: Partition, open_to: Iterable[Disk], taken: dict[str, int], machine: Machine
) -> Disk:
    seen = []
    for disk in open_to:
        region = usable_region(disk.size, disk.sector_size).size // MIB
        room = region - sizes.BIOS_BOOT_MIB - sizes.ESP_MIB - taken.get(disk.name, 0)
        if least_mib(partition, machine, disk) <= room:
            return disk
        seen.append(disk)
    if not seen:
        raise Failure(
            f"There is no further disk for {partition.name}: "
            "the members of a RAID array go on different disks.",
            "Attach another disk, or allow one more.",
            where=partition.where,
        )
    needed = in_words(least_mib(partition, machine, seen[0]) * MIB)
    raise Failure(
        f"No disk has room for {partition.name}, which needs {needed}: {list_disks(seen)}.",
        "Use a larger disk, or make the partitions smaller.",
        where=partition.where,
    )


def least_mib(partition: Partition, machine: Machine, disk: Disk) -> int:
    """The least size of a partition in MiB; raises Failure when nothing says how large."""
    if partition.size is not None:
        return partition.size
    if partition.role == "swap":
        return sizes.recommended_swap_mib(machine.memory, disk.size)
    known = {"bios-boot": sizes.BIOS_BOOT_MIB, "efi": sizes.ESP_MIB}.get(partition.role)
    if known is None and partition.mount_point == "/boot":
        known = sizes.BOOT_MIB
    if known is None and partition.grow:
        known = 1
    if known is None:
        raise Failure(
            f"Nothing says how large {partition.name} is to be.",
            "Give it a --size in MiB.",
            where=partition.where,
        )
    return known


def _request(partition: Partition, disk: Disk, machine: Machine) -> PartitionRequest:
    if partition.role == "prep":
        raise Failure(
            "A PReP boot partition belongs to POWER machines.",
            "Remove it: this product runs on x86-64.",
            where=partition.where,
        )
    existing = None
    if partition.existing:
        existing = resolve_partition(partition.existing, machine, partition.where)[1].path
        demand = Demand(0)
    else:
        least = least_mib(partition, machine, disk)
        limit = None if partition.max_size is None else max(least, partition.max_size)
        demand = Demand(least, partition.grow, limit)
    return PartitionRequest(
        role=partition.role,
        label=_label(partition),
        handle=partition.name,
        demand=demand,
        disk=disk.name,
        source=partition,
        existing=existing,
    )


def _label(partition: Partition) -> str:
    """The name in the GPT, which a person sees in lsblk: at most 36 characters."""
    known = {"bios-boot": "bios-boot", "efi": "efi-system", "swap": "swap"}.get(partition.role)
    if known:
        return known
    at = partition.mount_point
    name = ("root" if at == "/" else at.strip("/").replace("/", "-")) if at else partition.name
    return name[:36]


def _mounted(storage: Storage, mount_point: str) -> bool:
    containers = (*storage.partitions, *storage.raids, *storage.volumes)
    return any(item.mount_point == mount_point for item in containers)


def _first_disk(
    storage: Storage, allowed: tuple[Disk, ...], requests: tuple[PartitionRequest, ...]
) -> str:
    return next((request.disk for request in requests), None) or allowed[0].name


def _boot_request(storage: Storage, disk: str) -> PartitionRequest:
    source = Partition(
        name="/boot", role="filesystem", mount_point="/boot", size=sizes.BOOT_MIB, disk=disk
    )
    return PartitionRequest("filesystem", "boot", "/boot", Demand(sizes.BOOT_MIB), disk, source)


def disks_below(
    handle: str, storage: Storage, requests: tuple[PartitionRequest, ...]
) -> tuple[str, ...]:
    """The disks under a partition, array, or volume group, by the author's names."""
    for raid in storage.raids:
        if handle in (raid.device, raid.volume_name):
            return _unique(d for m in raid.members for d in disks_below(m, storage, requests))
    for group in storage.groups:
        if handle == group.name:
            return _unique(d for m in group.members for d in disks_below(m, storage, requests))
    return _unique(request.disk for request in requests if request.handle == handle)


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _boot_disks(
    storage: Storage,
    bootloader: Bootloader,
    machine: Machine,
    requests: tuple[PartitionRequest, ...],
) -> tuple[str, ...]:
    """Named disks first; then those under ``/boot`` and ``/``: every half of a mirror, else one."""
    named = [
        resolve_disk(name, machine, bootloader.where).name
        for name in filter(None, (bootloader.boot_drive, *bootloader.drives))
    ]
    found: list[str] = []
    for mount_point in ("/boot", "/"):
        below = _below_mount(storage, mount_point, requests)
        mirrored = [r for r in storage.raids if r.level in ("1", "10") and storage.mirror_boot]
        on_mirrors = {d for r in mirrored for d in disks_below(r.device, storage, requests)}
        found += [disk for disk in below if disk in on_mirrors]
        if not found:
            found += below[:1]
    if named and not storage.mirror_boot:
        return _unique(named)
    mirror = [disk for disk in found if len(found) > 1 or not named]
    return _unique((*named, *mirror))


def _below_mount(
    storage: Storage, mount_point: str, requests: tuple[PartitionRequest, ...]
) -> tuple[str, ...]:
    for volume in storage.volumes:
        if volume.mount_point == mount_point:
            return disks_below(volume.group, storage, requests)
    for raid in storage.raids:
        if raid.mount_point == mount_point:
            return disks_below(raid.device, storage, requests)
    return _unique(
        request.disk
        for request in requests
        if request.source is not None and request.source.mount_point == mount_point
    )


def _with_boot_areas(
    requests: tuple[PartitionRequest, ...], boots: tuple[str, ...], machine: Machine
) -> tuple[PartitionRequest, ...]:
    """Every boot disk gets both areas, of the size that the author gave the first of its kind."""
    declared = {
        role: next((r for r in requests if r.role == role and not r.existing), None)
        for role in ("bios-boot", "efi")
    }
    added: list[PartitionRequest] = []
    for disk in boots:
        present = {request.role for request in requests if request.disk == disk}
        for role, label, size in (
            ("bios-boot", "bios-boot", sizes.BIOS_BOOT_MIB),
            ("efi", "efi-system", sizes.ESP_MIB),
        ):
            if role in present:
                continue
            like = declared[role]
            request = PartitionRequest(
                role="efi" if role == "efi" else "bios-boot",
                label=label,
                handle=_ESP_HANDLE if role == "efi" else "biosboot",
                demand=Demand(size) if like is None else replace(like.demand),
                disk=disk,
            )
            added.append(request)
    return (*added, *requests)
