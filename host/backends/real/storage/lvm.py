"""Volume groups and volumes through lvm(8) (host.machine.volumes.Volumes)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from foundation.failure import Failure
from foundation.process import Completed, run
from host.backends.real.storage.json_answers import (
    Table,
    flag_of,
    number_of,
    parse_table,
    tables,
    text_of,
)
from host.document.storage_names import device_mapper_name
from host.storage_values import GroupStatus, VolumeStatus

_TIMEOUT = 60.0
_FORMAT_TIMEOUT = 1800.0
_UNCHANGED = 5  # lvextend's answer when the volume already has that size
_GROUP_COLUMNS = "vg_name,vg_size,vg_free,vg_extent_size,vg_missing_pv_count,vg_shared"
_VOLUME_COLUMNS = "vg_name,lv_name,lv_path,lv_size,lv_active,lv_layout,lv_role,data_percent"
_MAKE: Mapping[str, tuple[str, ...]] = {
    # Without a force option both refuse a device that has something on it.
    "xfs": ("mkfs.xfs", "-q"),
    "ext4": ("mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=1"),
}


class RealVolumes:
    """LVM of this machine."""

    def groups(self) -> tuple[GroupStatus, ...]:
        """All groups with disks, volumes and what is on these."""
        answers = [
            _lvm("vgs", "-o", _GROUP_COLUMNS),
            _lvm("pvs", "-o", "pv_name,vg_name"),
            _lvm("lvs", "-o", _VOLUME_COLUMNS),
        ]
        groups = parse_groups(*(answer.stdout for answer in answers))
        if not any(group.volumes for group in groups):
            return groups
        listed = run(["lsblk", "--json", "--list", "--output", "PATH,FSTYPE,MOUNTPOINTS"])
        open_on = run(["dmsetup", "deps", "-o", "devno"], timeout=30).stdout
        return with_cut_off(with_filesystems(groups, listed.stdout), open_on)

    def create_group(self, name: str, disks: tuple[str, ...]) -> None:
        """Make it; vgcreate asks about signatures, and nobody answers: they must be gone."""
        run(["vgcreate", name, *disks], timeout=_TIMEOUT)

    def extend_group(self, name: str, disks: tuple[str, ...]) -> None:
        """Add disks."""
        run(["vgextend", name, *disks], timeout=_TIMEOUT)

    def remove_group(self, name: str) -> None:
        """Remove it with the labels of its disks; refused while it has volumes."""
        disks = [disk for group in self.groups() if group.name == name for disk in group.disks]
        run(["vgremove", name], timeout=_TIMEOUT)
        run(["pvremove", *disks], timeout=_TIMEOUT)

    def create(self, group: str, name: str, size: int | None) -> None:
        """Make it, with old signatures in its space wiped."""
        words = ["lvcreate", "--yes", "--wipesignatures", "y", "--name", name]
        run([*words, *_space(size), group], timeout=_TIMEOUT)

    def extend(self, group: str, name: str, size: int | None) -> None:
        """Grow it and, while it is mounted or not, its filesystem."""
        found = next(
            (v for g in self.groups() for v in g.volumes if (v.group, v.name) == (group, name)),
            None,
        )
        resize = ["--resizefs"] if found is not None and found.filesystem in _MAKE else []
        accept = (0, _UNCHANGED)
        words = ["lvextend", *resize, *_space(size, "+"), f"{group}/{name}"]
        run(words, accept=accept, timeout=_FORMAT_TIMEOUT)

    def reopen(self, group: str, name: str) -> None:
        """Deactivate and activate it; device-mapper refuses while something has it open."""
        for activate in ("n", "y"):
            run(["lvchange", "--activate", activate, f"{group}/{name}"], timeout=_TIMEOUT)
        run(["udevadm", "settle", "--timeout=20"], timeout=30, accept=(0, 1))

    def remove(self, group: str, name: str) -> None:
        """Destroy it; refused while it is in use."""
        run(["lvremove", "--yes", f"{group}/{name}"], timeout=_TIMEOUT)

    def format(self, group: str, name: str, filesystem: str) -> None:
        """Make a filesystem on an empty volume."""
        device = f"/dev/{group}/{name}"
        found = run(["wipefs", "--json", "--no-act", device], timeout=30).stdout.strip()
        signatures = tables("wipefs", parse_table("wipefs", found), "signatures") if found else []
        if signatures:
            raise Failure(
                f"{device} already holds {text_of(signatures[0], 'type')}.",
                "Remove the volume, which asks for its name, or mount what is on it.",
            )
        run([*_MAKE[filesystem], device], timeout=_FORMAT_TIMEOUT)
        run(["udevadm", "settle", "--timeout=20"], timeout=30, accept=(0, 1))


def parse_groups(groups: str, disks: str, volumes: str) -> tuple[GroupStatus, ...]:
    """The JSON reports of vgs, pvs and lvs put together."""
    disks_of: dict[str, list[str]] = {}
    for row in _rows(disks, "pv"):
        disks_of.setdefault(text_of(row, "vg_name"), []).append(text_of(row, "pv_name"))
    volumes_of: dict[str, list[VolumeStatus]] = {}
    for row in _rows(volumes, "lv"):
        volumes_of.setdefault(text_of(row, "vg_name"), []).append(_volume(row))
    return tuple(
        GroupStatus(
            name=text_of(row, "vg_name"),
            size=number_of(row, "vg_size"),
            free=number_of(row, "vg_free"),
            extent=number_of(row, "vg_extent_size"),
            disks=tuple(sorted(disks_of.get(text_of(row, "vg_name"), ()))),
            volumes=tuple(volumes_of.get(text_of(row, "vg_name"), ())),
            missing=number_of(row, "vg_missing_pv_count"),
            shared=text_of(row, "vg_shared") not in ("", "0"),
        )
        for row in _rows(groups, "vg")
    )


def with_filesystems(groups: tuple[GroupStatus, ...], listed: str) -> tuple[GroupStatus, ...]:
    """The groups with what lsblk saw on their volumes."""
    rows = tables("lsblk", parse_table("lsblk", listed), "blockdevices")
    by_path = {text_of(row, "path"): row for row in rows}
    return tuple(
        replace(group, volumes=tuple(_on(volume, by_path) for volume in group.volumes))
        for group in groups
    )


def with_cut_off(
    groups: tuple[GroupStatus, ...],
    open_on: str,
    is_there: Callable[[str], bool] = lambda device: Path("/sys/dev/block", device).exists(),
) -> tuple[GroupStatus, ...]:
    """The groups with those volumes marked that dmsetup(8) shows open on a device that is gone.

    ``is_there`` is asked with major and minor number, as in ``8:16``.
    """
    devices = {
        name: [f"{major}:{minor}" for major, minor in re.findall(r"\((\d+), (\d+)\)", numbers)]
        for name, _colon, numbers in (line.partition(": ") for line in open_on.splitlines())
    }

    def cut_off(volume: VolumeStatus) -> bool:
        below = devices.get(device_mapper_name(volume.group, volume.name), ())
        return not all(map(is_there, below))

    return tuple(
        replace(group, volumes=tuple(replace(v, cut_off=cut_off(v)) for v in group.volumes))
        for group in groups
    )


def _on(volume: VolumeStatus, by_path: Mapping[str, Table]) -> VolumeStatus:
    row = by_path.get(f"/dev/mapper/{device_mapper_name(volume.group, volume.name)}", {})
    mounts = tuple(str(path) for path in row.get("mountpoints") or () if path)
    return replace(volume, filesystem=text_of(row, "fstype"), mounts=mounts)


def _volume(row: Table) -> VolumeStatus:
    filled = text_of(row, "data_percent")
    return VolumeStatus(
        group=text_of(row, "vg_name"),
        name=text_of(row, "lv_name"),
        path=text_of(row, "lv_path"),
        size=number_of(row, "lv_size"),
        active=text_of(row, "lv_active") != "" or flag_of(row, "lv_active"),
        kind=text_of(row, "lv_layout"),
        data_percent=float(filled) if filled.replace(".", "", 1).isdigit() else None,
    )


def _rows(text: str, kind: str) -> list[Table]:
    reports = tables("lvm", parse_table("lvm", text), "report")
    return [row for report in reports for row in tables("lvm", report, kind)]


def _lvm(command: str, *words: str) -> Completed:
    form = ("--reportformat", "json", "--units", "b", "--nosuffix")
    return run([command, *form, *words], timeout=_TIMEOUT)


def _space(size: int | None, sign: str = "") -> tuple[str, str]:
    """lvm's words for a size in bytes; None is all that is free."""
    return ("--size", f"{size}b") if size is not None else ("--extents", f"{sign}100%FREE")
