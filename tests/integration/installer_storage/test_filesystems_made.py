"""Filesystems that the installer's commands make, identified by blkid."""

from __future__ import annotations

import subprocess

import pytest

from foundation.failure import Failure
from installer.storage.filesystems import (
    filesystem_uuid,
    make_filesystem_command,
    make_filesystems,
)
from installer.storage.layout import FilesystemLayout


def layout(path, kind: str, label: str = "") -> FilesystemLayout:
    return FilesystemLayout(
        path=str(path), kind=kind, mount_point="/x", size=400 << 20, label=label
    )


@pytest.mark.parametrize("sector_size", [512, 4096])
@pytest.mark.parametrize("kind", ["ext4", "xfs", "vfat", "swap"])
def test_each_kind_is_made_over_whatever_was_there(loop_device, kind, sector_size):
    device = loop_device(400 << 20, sector_size)
    subprocess.run(["mkfs.ext2", "-q", "-F", str(device)], check=True)
    make_filesystems((layout(device, kind, "NAMED"),), lambda line: None)
    said = subprocess.run(
        ["blkid", "--probe", "--output", "export", str(device)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    assert f"TYPE={kind}" in said
    assert "LABEL=NAMED" in said
    assert f"UUID={filesystem_uuid(str(device))}" in said
    if kind == "vfat":
        assert "VERSION=FAT32" in said


def test_a_device_without_a_filesystem_has_no_uuid(loop_device):
    with pytest.raises(Failure, match="holds no filesystem"):
        filesystem_uuid(str(loop_device(1 << 20, 512)))


def test_options_of_the_author_reach_mkfs():
    wanted = layout("/dev/x", "xfs").model_copy(update={"mkfs_options": "-m reflink=0 -d su=64k"})
    assert make_filesystem_command(wanted) == [
        *("mkfs.xfs", "-f", "-q", "-m", "reflink=0", "-d", "su=64k", "/dev/x")
    ]
