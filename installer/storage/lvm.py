"""Makes volume groups and volumes.

Every command is limited to our own devices with ``--devices``: that leaves the devices file of
the live system out, and a group of the same name on a disk that stays is not in the way.
"""

from __future__ import annotations

from collections.abc import Sequence

from foundation.process import Completed, run
from installer.storage.devices import settle, wait_for_device
from installer.storage.layout import GroupLayout, VolumeLayout
from installer.storage.teardown import erase_devices


def create_group(group: GroupLayout) -> None:
    """Make ``group`` with all its volumes, anew; an existing group gets its new volumes only."""
    if not group.existing:
        for device in group.physical_volumes:
            wait_for_device(device)
        erase_devices(group.physical_volumes)
        _lvm(
            group,
            [
                *("vgcreate", "--yes", "--dataalignment", "1m"),
                *("--physicalextentsize", f"{group.extent_size // 1024}k"),
                *(group.name, *group.physical_volumes),
            ],
        )
    else:
        _lvm(group, ["vgchange", "--activate", "y", group.name])
        _remove_leftovers(group)
    for kind in ("plain", "thin-pool", "thin"):
        for volume in group.volumes:
            if volume.kind == kind and not volume.existing:
                _create_volume(group, volume)
    settle()
    for volume in group.volumes:
        if volume.kind != "thin-pool":
            wait_for_device(volume.path)


def _remove_leftovers(group: GroupLayout) -> None:
    """Remove volumes that an earlier run of this step made in an existing group."""
    there = _lvm(group, ["lvs", "--noheadings", "--options", "lv_name", group.name]).stdout.split()
    for volume in group.volumes:
        if not volume.existing and volume.name in there:
            _lvm(group, ["lvremove", "--yes", "--force", f"{group.name}/{volume.name}"])


def _create_volume(group: GroupLayout, volume: VolumeLayout) -> None:
    extents = str(volume.size // group.extent_size)
    common = ["lvcreate", "--yes", "--name", volume.name]
    if volume.kind == "thin":
        pool = f"{group.name}/{volume.pool}"
        size = ["--type", "thin", "--virtualsize", f"{volume.size}b", "--thinpool", pool]
        _lvm(group, [*common, *size])
    elif volume.kind == "thin-pool":
        metadata = (
            ["--poolmetadatasize", f"{volume.metadata_size}b"] if volume.metadata_size else []
        )
        size = ["--type", "thin-pool", "--extents", extents, "--zero", "y"]
        if volume.chunk_size:
            size += ["--chunksize", f"{volume.chunk_size}b"]
        _lvm(group, [*common, *size, *metadata, group.name])
    else:
        wipe = ["--wipesignatures", "y", "--zero", "y"]
        _lvm(group, [*common, "--extents", extents, *wipe, group.name])


def deactivate_group(group: GroupLayout) -> None:
    """Deactivate the group's volumes, before the machine restarts."""
    _lvm(group, ["vgchange", "--activate", "n", group.name], accept=(0, 5))


def _lvm(group: GroupLayout, words: Sequence[str], accept: tuple[int, ...] = (0,)) -> Completed:
    devices = ["--devices", ",".join(group.physical_volumes)]
    return run(["lvm", words[0], *devices, *words[1:]], accept=accept)
