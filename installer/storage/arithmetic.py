"""The arithmetic of disks: alignment, what a GPT leaves usable, gaps, and sharing what is left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MIB = 1 << 20
ALIGNMENT = MIB
# UEFI 2.10, 5.3.1: at least 16 KiB of entries beside the header, at both ends of the disk.
_GPT_ENTRIES = 16384
_GPT_HEADROOM_AT_START = MIB


@dataclass(frozen=True)
class Region:
    """Bytes from ``start`` up to, not including, ``end``; both on the alignment."""

    start: int
    end: int

    @property
    def size(self) -> int:
        """Bytes in it."""
        return self.end - self.start


@dataclass(frozen=True)
class Demand:
    """Something that wants space: at least ``base`` units, more if it grows, ``limit`` at most."""

    base: int
    grow: bool = False
    limit: int | None = None


def align_up(value: int, step: int = ALIGNMENT) -> int:
    """The next multiple of ``step`` at or above ``value``."""
    return -(-value // step) * step


def align_down(value: int, step: int = ALIGNMENT) -> int:
    """The last multiple of ``step`` at or below ``value``."""
    return value // step * step


def usable_region(disk_size: int, sector_size: int) -> Region:
    """What partitions may cover: from 1 MiB up to the backup GPT (its entries and one header)."""
    backup = _GPT_ENTRIES + sector_size
    end = align_down(disk_size - align_up(backup, sector_size))
    return Region(_GPT_HEADROOM_AT_START, max(_GPT_HEADROOM_AT_START, end))


def gaps(whole: Region, taken: Iterable[Region]) -> tuple[Region, ...]:
    """The aligned free regions of ``whole`` between those that are taken."""
    free: list[Region] = []
    position = whole.start
    for region in sorted(taken, key=lambda region: region.start):
        end = align_down(min(region.start, whole.end))
        if end > position:
            free.append(Region(position, end))
        position = max(position, align_up(region.end))
    if whole.end > position:
        free.append(Region(position, whole.end))
    return tuple(free)


def share(available: int, demands: Sequence[Demand]) -> list[int]:
    """Sizes that the demands get out of ``available`` units, as Anaconda shares them.

    Everyone gets its base; what is left goes to those that grow, in proportion to their bases,
    and what exceeds a limit is shared again among the others. The odd units go to the first that
    may still grow. Raises ValueError when the bases alone do not fit.
    """
    sizes = [demand.base for demand in demands]
    left = available - sum(sizes)
    if left < 0:
        raise ValueError(f"{sum(sizes)} units are demanded, {available} are there")

    def room(index: int) -> int:
        limit = demands[index].limit
        return left if limit is None else max(0, limit - sizes[index])

    while left:
        growing = [i for i, demand in enumerate(demands) if demand.grow and room(i)]
        if not growing:
            break
        weight = sum(max(1, demands[i].base) for i in growing)
        extra = {i: min(room(i), left * max(1, demands[i].base) // weight) for i in growing}
        if not any(extra.values()):
            extra = {growing[0]: 1}
        for i, more in extra.items():
            sizes[i] += more
            left -= more
    return sizes
