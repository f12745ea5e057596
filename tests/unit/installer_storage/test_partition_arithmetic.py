"""Properties that hold for any disk and any demands."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from foundation.failure import Failure
from installer.machine.model import Content, Disk, Machine, Node
from installer.storage.arithmetic import MIB, Demand, Region, gaps, share, usable_region
from installer.storage.clearing import Cleared
from installer.storage.placement import place_on_disk
from installer.storage.planning import plan_layout
from installer.storage.requests import PartitionRequest
from tests.unit.installer_storage.lab_machines import IMAGE, automatic, mirrored

demands = st.builds(
    lambda base, grow, extra: Demand(base, grow, None if extra is None else base + extra),
    st.integers(0, 5000),
    st.booleans(),
    st.one_of(st.none(), st.integers(0, 5000)),
)


@settings(deadline=None)
@given(st.lists(demands, max_size=12), st.integers(0, 100_000))
def test_sharing_gives_bases_respects_limits_and_leaves_nothing_that_could_be_used(
    wanted, available
):
    assume(sum(d.base for d in wanted) <= available)
    sizes = share(available, wanted)
    assert sum(sizes) <= available
    for size, demand in zip(sizes, wanted, strict=True):
        assert size >= demand.base
        if not demand.grow:
            assert size == demand.base
        if demand.limit is not None:
            assert size <= demand.limit
    if sum(sizes) < available:
        for size, demand in zip(sizes, wanted, strict=True):
            assert not demand.grow or size == demand.limit


@settings(deadline=None)
@given(st.integers(1, 1 << 44), st.sampled_from([512, 4096]))
def test_the_usable_region_spares_both_copies_of_the_table(size, sector):
    size -= size % sector
    region = usable_region(size, sector)
    assert region.start == MIB
    assert region.start % MIB == region.end % MIB == 0
    if region.size:
        assert region.end <= size - 16384 - sector


regions = st.builds(
    lambda start, size: Region(start, start + size),
    st.integers(0, 1 << 34),
    st.integers(1, 1 << 32),
)


@settings(deadline=None)
@given(st.lists(regions, max_size=6))
def test_gaps_are_aligned_and_touch_nothing_taken(taken):
    whole = Region(MIB, 1 << 34)
    for gap in gaps(whole, taken):
        assert gap.size > 0
        assert gap.start % MIB == gap.end % MIB == 0
        assert whole.start <= gap.start
        assert gap.end <= whole.end
        assert not any(gap.start < t.end and t.start < gap.end for t in taken)


def check_partitions(disk, layout, kept=()):
    taken = sorted(
        [(p.start, p.end) for p in layout.partitions if not p.existing]
        + [(n.start, n.start + n.size) for n in kept]
    )
    for (_, end), (start, _) in pairwise(taken):
        assert end <= start
    region = usable_region(disk.size, disk.sector_size)
    numbers = [p.number for p in layout.partitions] + [n.number for n in kept]
    assert len(numbers) == len(set(numbers))
    for partition in layout.partitions:
        if not partition.existing:
            assert partition.start % MIB == partition.size % MIB == 0
            assert region.start <= partition.start
            assert partition.end <= region.end


@settings(deadline=None)
@given(
    st.integers(1 << 30, 1 << 42),
    st.sampled_from([512, 4096]),
    st.lists(demands, min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 1 << 30), st.integers(512, 1 << 28)), max_size=4),
)
def test_partitions_never_overlap_nor_leave_the_disk(size, sector, wanted, steps):
    size -= size % sector
    kept, position = [], MIB
    for number, (skip, length) in enumerate(steps, 1):
        start = position + skip - skip % sector
        kept.append(
            Node(
                name=f"x{number}",
                path=f"/dev/x{number}",
                number=number,
                start=start,
                size=length - length % sector + sector,
                content=Content(kind="ntfs"),
            )
        )
        position = start + kept[-1].size
    assume(position < size)
    disk = Disk(
        name="x", path="/dev/x", size=size, sector_size=sector, table="gpt", partitions=tuple(kept)
    )
    requests = [
        PartitionRequest("filesystem", f"p{i}", f"p{i}", demand, "x")
        for i, demand in enumerate(wanted)
        if demand.base
    ]
    cleared = Cleared(disk, wipe=not kept, kept=tuple(kept))
    try:
        layout = place_on_disk(cleared, requests, False, Machine(disks=(disk,)))
    except Failure:
        return  # too small; that it says so is tested elsewhere
    assert len(layout.partitions) == len(requests)
    check_partitions(disk, layout, kept)


sizes = st.integers(13 << 30, 1 << 43).map(lambda size: size - size % 4096)


@settings(deadline=None)
@given(sizes, st.sampled_from([512, 4096]), st.sampled_from(["plain", "lvm", "thinp"]))
def test_the_products_own_layout_fits_every_disk_that_is_large_enough(size, sector, scheme):
    disk = Disk(name="vda", path="/dev/vda", size=size, sector_size=sector)
    found = Machine(memory=4 << 30, disks=(disk,))
    try:
        layout = plan_layout(automatic(scheme=scheme), found, IMAGE)
    except Failure as failure:
        assert size < 17 << 30, failure
        return
    check_partitions(disk, layout.disks[0])
    check_groups(layout)
    assert plan_layout(automatic(scheme=scheme), found, IMAGE) == layout


def check_groups(layout):
    partitions = {p.path: p.size for d in layout.disks for p in d.partitions}
    arrays = {a.path: a.size for a in layout.arrays}
    for array in layout.arrays:
        assert array.size < min(partitions[member] for member in array.members)
    for group in layout.groups:
        below = sum({**partitions, **arrays}[path] for path in group.physical_volumes)
        used = sum(v.size + 2 * (v.metadata_size or 0) for v in group.volumes if v.kind != "thin")
        assert used + group.free == group.size <= below
        assert all(v.size % group.extent_size == 0 for v in group.volumes)
        for pool in (v for v in group.volumes if v.kind == "thin-pool"):
            assert sum(v.size for v in group.volumes if v.pool == pool.name) <= pool.size


@settings(deadline=None)
@given(
    sizes.filter(lambda size: size > 40 << 30),
    sizes.filter(lambda size: size > 40 << 30),
    st.sampled_from([512, 4096]),
)
def test_mirrors_of_unequal_disks_are_as_large_as_the_smaller_one(one, two, sector):
    disks = tuple(
        Disk(name=name, path=f"/dev/{name}", size=size, sector_size=sector)
        for name, size in (("sda", one), ("sdb", two))
    )
    layout = plan_layout(mirrored("sda", "sdb"), Machine(disks=disks), IMAGE)
    for disk, planned in zip(disks, layout.disks, strict=True):
        check_partitions(disk, planned)
    check_groups(layout)
