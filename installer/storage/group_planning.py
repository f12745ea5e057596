"""Arrays, volume groups and logical volumes: from a plan's names to devices with sizes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from foundation.failure import Failure
from installer.machine.model import FoundGroup, Machine, in_words
from installer.storage.arithmetic import MIB, Demand, align_down, align_up, share
from installer.storage.layout import ArrayLayout, GroupLayout, VolumeLayout
from kickstart.install_plan import LogicalVolume, RaidArray, Storage, VolumeGroup

# mdadm, super1.c: metadata 1.2 keeps up to a thousandth of a member, 128 MiB at most, free at its
# start for later reshaping; 1.0 lies at the end and keeps little.
_MOST_RESHAPE_ROOM = 128 * MIB
_BITMAP_AND_SUPERBLOCK = MIB
_DEFAULT_CHUNK = 512 << 10
# vgcreate --dataalignment 1m: LVM's own data before the first extent.
_BEFORE_FIRST_EXTENT = MIB
_LEAST_THIN_METADATA = 64 * MIB
_MOST_THIN_METADATA = 16128 * MIB  # lvmthin(7): more cannot be addressed
_PARITY_MEMBERS = {"0": 0, "4": 1, "5": 1, "6": 2}
_LEAST_MEMBERS = {"0": 2, "1": 2, "4": 3, "5": 3, "6": 4, "10": 2}
_BOOT_MOUNT_POINTS = ("/boot",)


@dataclass(frozen=True)
class Device:
    """Something to build on: its path and its size in bytes."""

    path: str
    size: int


@dataclass(frozen=True)
class Room:
    """A group's space in extents of ``extent`` bytes: in all, what volumes may take, and where."""

    extent: int
    total: int
    available: int
    on: tuple[str, ...]


def plan_arrays(
    storage: Storage, devices: Mapping[str, Device], machine: Machine, gone: frozenset[str]
) -> tuple[ArrayLayout, ...]:
    """The arrays in the plan's order; ``gone`` are the device paths that will be erased."""
    arrays = []
    for raid in storage.raids:
        members = [_device(name, devices, raid.where, "raid") for name in raid.members]
        active = len(members) - raid.spares
        if active < _LEAST_MEMBERS[raid.level]:
            raise Failure(
                f"The array {raid.device} (level {raid.level}) needs at least "
                f"{_LEAST_MEMBERS[raid.level]} active members, not {active}.",
                "Name more members, or another level.",
                where=raid.where,
            )
        for found in machine.arrays:
            if found.name == raid.device and not set(found.members) & gone:
                raise Failure(
                    f"An array named {raid.device} exists already, on "
                    f"{', '.join(found.members)}, which are not erased.",
                    "Choose another name, or detach those disks.",
                    where=raid.where,
                )
        metadata = raid.metadata or ("1.0" if raid.mount_point in _BOOT_MOUNT_POINTS else "1.2")
        arrays.append(
            ArrayLayout(
                name=raid.device,
                path=f"/dev/md/{raid.device}",
                level=raid.level,
                members=tuple(member.path for member in members[:active]),
                spares=tuple(member.path for member in members[active:]),
                metadata=metadata,
                chunk_size=raid.chunk_size_kib * 1024 if raid.chunk_size_kib else None,
                size=array_size(raid, [member.size for member in members], metadata),
                handle=raid.volume_name or "",
            )
        )
    return tuple(arrays)


def array_size(raid: RaidArray, member_sizes: list[int], metadata: str) -> int:
    """Bytes that an array offers at least; mdadm may leave a little more."""
    smallest = min(member_sizes)
    overhead = _BITMAP_AND_SUPERBLOCK
    if metadata != "1.0":
        overhead += min(_MOST_RESHAPE_ROOM, smallest // 1024)
    chunk = (raid.chunk_size_kib or 0) * 1024 or _DEFAULT_CHUNK
    usable = align_down(smallest - overhead, max(MIB, chunk))
    active = len(member_sizes) - raid.spares
    if raid.level in _PARITY_MEMBERS:
        return usable * (active - _PARITY_MEMBERS[raid.level])
    return usable * (active // 2 if raid.level == "10" else 1)


def _device(name: str, devices: Mapping[str, Device], where: str, what: str) -> Device:
    try:
        return devices[name]
    except KeyError:
        raise Failure(
            f"{what} names the member {name}, which no partition or array provides.",
            "Add a `part` line with this name, or correct the name.",
            where=where,
        ) from None


def plan_groups(
    storage: Storage, devices: Mapping[str, Device], machine: Machine, gone: frozenset[str]
) -> tuple[GroupLayout, ...]:
    """The volume groups in the plan's order, each with its volumes."""
    for volume in storage.volumes:
        if volume.group not in {group.name for group in storage.groups}:
            raise Failure(
                f"The volume {volume.name} is to be in the group {volume.group}, "
                "which nothing describes.",
                "Add a `volgroup` line with this name, or correct the name.",
                where=volume.where,
            )
    return tuple(
        _plan_group(
            group,
            [volume for volume in storage.volumes if volume.group == group.name],
            devices,
            machine,
            gone,
        )
        for group in storage.groups
    )


def _plan_group(
    group: VolumeGroup,
    volumes: list[LogicalVolume],
    devices: Mapping[str, Device],
    machine: Machine,
    gone: frozenset[str],
) -> GroupLayout:
    namesakes = [found for found in machine.groups if found.name == group.name]
    kept = [found for found in namesakes if not set(found.physical_volumes) <= gone]
    if group.existing:
        return _extend_existing_group(group, volumes, kept)
    if kept:
        stays = sorted(set(kept[0].physical_volumes) - gone)
        raise Failure(
            f"A volume group named {group.name} exists already, on {', '.join(stays)}, "
            "which is not erased.",
            "Choose another name, erase that disk too (clearpart --drives), or detach it.",
            where=group.where,
        )
    extent = group.extent_kib * 1024
    members = [_device(name, devices, group.where, "volgroup") for name in group.members]
    extents = sum((member.size - _BEFORE_FIRST_EXTENT) // extent for member in members)
    reserved = align_up(group.reserved * MIB, extent) // extent
    reserved += -(-extents * group.reserved_percent // 100)
    paths = tuple(member.path for member in members)
    planned = _plan_volumes(group, volumes, Room(extent, extents, extents - reserved, paths))
    used = sum(_extents_of(volume, extent) for volume in planned)
    return GroupLayout(
        name=group.name,
        physical_volumes=paths,
        extent_size=extent,
        size=extents * extent,
        free=(extents - used) * extent,
        volumes=tuple(planned),
    )


def _extend_existing_group(
    group: VolumeGroup, volumes: list[LogicalVolume], kept: list[FoundGroup]
) -> GroupLayout:
    if not kept:
        raise Failure(
            f"There is no volume group {group.name} to use, or it would be erased.",
            "Remove --useexisting to make it anew, or narrow clearpart.",
            where=group.where,
        )
    if len(kept) > 1:
        raise Failure(
            f"There are {len(kept)} volume groups named {group.name}.",
            "Rename one of them (vgrename with its UUID), or detach its disks.",
            where=group.where,
        )
    found = kept[0]
    known = {volume.name: volume for volume in found.volumes}
    fresh = []
    for volume in volumes:
        there = volume.name in known
        if volume.existing and not there:
            raise Failure(
                f"There is no volume {volume.name} in the group {group.name} to use.",
                f"Name one of these: {', '.join(known) or 'it has none'}.",
                where=volume.where,
            )
        if there and not volume.existing:
            raise Failure(
                f"The group {group.name} has a volume {volume.name} already.",
                "Use it with --useexisting, or choose another name.",
                where=volume.where,
            )
        if not there:
            fresh.append(volume)
    extents = found.free // found.extent_size
    reserved = align_up(group.reserved * MIB, found.extent_size) // found.extent_size
    room = Room(found.extent_size, extents, extents - reserved, found.physical_volumes)
    planned = {volume.name: volume for volume in _plan_volumes(group, fresh, room)}
    used = sum(_extents_of(volume, found.extent_size) for volume in planned.values())
    reused = {
        volume.name: VolumeLayout(
            name=volume.name,
            path=f"/dev/{group.name}/{volume.name}",
            kind=known[volume.name].kind,
            size=known[volume.name].size,
            pool=known[volume.name].pool,
            existing=True,
        )
        for volume in volumes
        if volume.existing
    }
    return GroupLayout(
        name=group.name,
        physical_volumes=found.physical_volumes,
        extent_size=found.extent_size,
        size=found.free + sum(volume.size for volume in found.volumes),
        free=(extents - used) * found.extent_size,
        volumes=tuple((planned | reused)[volume.name] for volume in volumes),
        existing=True,
    )


def _plan_volumes(
    group: VolumeGroup, volumes: list[LogicalVolume], in_group: Room
) -> list[VolumeLayout]:
    """Sizes for plain volumes and pools out of the group, then for thin volumes out of pools."""
    extent = in_group.extent
    direct = [volume for volume in volumes if volume.kind != "thin"]
    sizes = _share_group(group, direct, in_group)
    planned: dict[str, VolumeLayout] = {}
    for volume, size in zip(direct, sizes, strict=True):
        metadata = _thin_metadata(volume, size * extent, extent)
        # The pool's metadata and LVM's spare copy of it come out of the pool's share.
        data = size * extent - (2 * metadata if metadata else 0)
        planned[volume.name] = VolumeLayout(
            name=volume.name,
            path=f"/dev/{group.name}/{volume.name}",
            kind=volume.kind,
            size=data,
            metadata_size=metadata,
            chunk_size=volume.chunk_size_kib * 1024 if volume.chunk_size_kib else None,
        )
    for pool in [volume for volume in direct if volume.kind == "thin-pool"]:
        thin = [v for v in volumes if v.kind == "thin" and v.pool == pool.name]
        room = planned[pool.name].size // extent
        demands = [_demand(volume, extent, 0) for volume in thin]
        bases = sum(demand.base for demand in demands)
        for volume, size in zip(thin, share(max(room, bases), demands), strict=True):
            planned[volume.name] = VolumeLayout(
                name=volume.name,
                path=f"/dev/{group.name}/{volume.name}",
                kind="thin",
                size=size * extent,
                pool=pool.name,
            )
    for volume in volumes:
        if volume.name not in planned:
            raise Failure(
                f"The thin volume {volume.name} names the pool {volume.pool}, "
                f"which the group {group.name} does not have.",
                "Add the pool with `logvol none --thinpool`, or correct the name.",
                where=volume.where,
            )
    return [planned[volume.name] for volume in volumes]


def _share_group(group: VolumeGroup, volumes: list[LogicalVolume], room: Room) -> list[int]:
    extent, available = room.extent, room.available
    fixed = sum(_demand(volume, extent, 0).base for volume in volumes if volume.percent is None)
    left = max(0, available - fixed)
    demands = [_demand(volume, extent, left) for volume in volumes]
    try:
        return share(max(0, available), demands)
    except ValueError:
        needed = sum(demand.base for demand in demands)
        parts = ", ".join(
            f"{volume.name} {in_words(demand.base * extent)}"
            for volume, demand in zip(volumes, demands, strict=True)
        )
        kept = room.total - available
        if kept:
            parts += f", reserved {in_words(kept * extent)}"
        raise Failure(
            f"The volume group {group.name} on {', '.join(room.on)} is too small: it has "
            f"{in_words(room.total * extent)}, and {in_words((needed + kept) * extent)} are "
            f"needed ({parts}).",
            "Use a larger disk, or make the volumes smaller.",
            where=group.where,
        ) from None


def _demand(volume: LogicalVolume, extent: int, left: int) -> Demand:
    """In extents; a percentage is of what the volumes of fixed size leave."""
    if volume.percent is not None:
        return Demand(max(1, left * volume.percent // 100))
    base = align_up((volume.size or 1) * MIB, extent) // extent
    if volume.kind == "thin-pool":
        base += 2 * (_thin_metadata(volume, base * extent, extent) or 0) // extent
    limit = None
    if volume.max_size is not None:
        limit = max(base, volume.max_size * MIB // extent)
    return Demand(base, volume.grow, limit)


def _thin_metadata(volume: LogicalVolume, size: int, extent: int) -> int | None:
    if volume.kind != "thin-pool":
        return None
    wanted = volume.metadata_size * MIB if volume.metadata_size else size // 1000
    return align_up(min(_MOST_THIN_METADATA, max(_LEAST_THIN_METADATA, wanted)), extent)


def _extents_of(volume: VolumeLayout, extent: int) -> int:
    if volume.kind == "thin":
        return 0
    return (volume.size + 2 * (volume.metadata_size or 0)) // extent
