"""The link that is kept of a disk names the disk, and not what is on it."""

from __future__ import annotations

import pytest

from foundation.disk_names import lasting_link


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (("scsi-1IET", "wwn-0x6000"), "wwn-0x6000"),
        (("wwn-0x6000", "dm-uuid-mpath-3600"), "dm-uuid-mpath-3600"),
        (("nvme-MODEL_SERIAL", "nvme-eui.0025"), "nvme-eui.0025"),
        (("scsi-0QEMU_DISK", "scsi-3600"), "scsi-3600"),
        (("lvm-pv-uuid-u2BepW", "scsi-0QEMU_DISK_bay"), "scsi-0QEMU_DISK_bay"),
        (("lvm-pv-uuid-u2BepW", "usb-Stick_0123-0:0"), "usb-Stick_0123-0:0"),
    ],
)
def test_the_best_name_of_the_disk_itself(names: tuple[str, ...], kept: str) -> None:
    links = [f"/dev/disk/by-id/{name}" for name in names]
    assert lasting_link(links) == f"/dev/disk/by-id/{kept}"


@pytest.mark.parametrize(
    "links",
    [(), ("/dev/disk/by-path/pci-0000:00:03.0",), ("/dev/disk/by-id/lvm-pv-uuid-u2BepW",)],
)
def test_no_name_of_the_disk_itself(links: tuple[str, ...]) -> None:
    assert lasting_link(links) is None
