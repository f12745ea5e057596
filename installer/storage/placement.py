"""Places partition requests on one disk: order, growth, start and end, numbers. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from foundation.failure import Failure
from installer.machine.model import Disk, Machine, in_words
from installer.storage.arithmetic import (
    MIB,
    Region,
    align_up,
    gaps,
    share,
    usable_region,
)
from installer.storage.clearing import Cleared, holds_data
from installer.storage.layout import DiskLayout, PartitionLayout
from installer.storage.requests import PartitionRequest
from installer.storage.selection import describe_content

_MOST_PARTITIONS = 128  # what the customary 16 KiB of GPT entries hold
_FIRST_ROLES = ("bios-boot", "efi")


def place_on_disk(
    cleared: Cleared, requests: Sequence[PartitionRequest], boots: bool, machine: Machine
) -> DiskLayout:
    """The layout of one disk. Raises Failure, with what is needed and why, when it does not fit."""
    disk = cleared.disk
    new = sorted((r for r in requests if not r.existing), key=_order)
    regions = _free_regions(cleared)
    assigned: list[list[PartitionRequest]] = [[] for _ in regions]
    for request in new:
        for index, region in enumerate(regions):
            used = sum(r.demand.base for r in assigned[index])
            if used + request.demand.base <= region.size // MIB:
                assigned[index].append(request)
                break
        else:
            raise _too_small(cleared, new, request, machine)
    numbers = iter(n for n in range(1, 10_000) if n not in {node.number for node in cleared.kept})
    partitions = [_existing_partition(disk, request) for request in requests if request.existing]
    for region, group in zip(regions, assigned, strict=True):
        widths = share(region.size // MIB, [request.demand for request in group])
        start = region.start
        for request, width in zip(group, widths, strict=True):
            number = next(numbers)
            if number > _MOST_PARTITIONS:
                raise Failure(f"{disk.path} would get more than {_MOST_PARTITIONS} partitions.")
            partitions.append(
                PartitionLayout(
                    number=number,
                    path=partition_path(disk, number),
                    start=start,
                    size=width * MIB,
                    role=request.role,
                    label=request.label,
                    handle=request.handle,
                )
            )
            start += width * MIB
    lost = describe_content(disk, machine)
    removed = {node.path for node in cleared.removed}
    return DiskLayout(
        name=disk.name,
        path=disk.path,
        lasting_path=disk.lasting_path,
        described=disk.described,
        size=disk.size,
        sector_size=disk.sector_size,
        wipe=cleared.wipe,
        removed=() if cleared.wipe else tuple(n.number for n in cleared.removed if n.number),
        removed_paths=tuple(node.path for node in cleared.removed),
        lost=tuple(
            line for line in lost if cleared.wipe or line.split(":")[0].split(" ")[0] in removed
        ),
        kept=tuple(
            line
            for line in lost
            if not cleared.wipe and line.split(":")[0].split(" ")[0] not in removed
        ),
        boots=boots,
        partitions=tuple(partitions),
    )


def partition_path(disk: Disk, number: int) -> str:
    """The device of a partition, as the kernel and udev name it.

    Partitions of a multipath device are named differently by each distribution's udev rules, but
    the link under by-id is the same everywhere.
    """
    if disk.path.startswith("/dev/mapper/"):
        return f"{disk.lasting_path}-part{number}"
    separator = "p" if disk.path[-1].isdigit() else ""
    return f"{disk.path}{separator}{number}"


def _order(request: PartitionRequest) -> tuple[int, int]:
    """Boot areas first, then ``/boot``, then as the author wrote them (sorting is stable)."""
    if request.role in _FIRST_ROLES:
        return (0, _FIRST_ROLES.index(request.role))
    return (1, 0) if request.label in ("boot", "/boot") else (2, 0)


def _free_regions(cleared: Cleared) -> tuple[Region, ...]:
    whole = usable_region(cleared.disk.size, cleared.disk.sector_size)
    if cleared.wipe:
        return (whole,)
    taken = [
        Region(node.start, node.start + node.size)
        for node in cleared.kept
        if node.start is not None
    ]
    return gaps(whole, taken)


def _existing_partition(disk: Disk, request: PartitionRequest) -> PartitionLayout:
    node = next(node for node in disk.partitions if node.path == request.existing)
    return PartitionLayout(
        number=node.number or 0,
        path=node.path,
        start=node.start or 0,
        size=node.size,
        role=request.role,
        label=node.partition_label or request.label,
        handle=request.handle,
        existing=True,
    )


def _too_small(
    cleared: Cleared,
    new: Sequence[PartitionRequest],
    request: PartitionRequest,
    machine: Machine,
) -> Failure:
    disk = cleared.disk
    parts = ", ".join(f"{r.handle} {in_words(r.demand.base * MIB)}" for r in new)
    needed = sum(r.demand.base for r in new) * MIB
    where = request.source.where if request.source else ""
    if cleared.kept:
        free = sum(region.size for region in _free_regions(cleared))
        return holds_data(disk, machine, where, f"{in_words(needed)} needed, {in_words(free)} free")
    least = align_up(needed) + 2 * MIB
    return Failure(
        f"{disk.described} is too small: at least {in_words(least)} are needed ({parts}).",
        "Use a larger disk, or make the partitions smaller.",
        where=where,
    )
