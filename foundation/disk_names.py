"""Which of udev's links to a disk is the name to keep of it.

The links are those of udev's 60-persistent-storage rules, below ``/dev/disk/by-id``.
"""

from __future__ import annotations

from collections.abc import Iterable

_BY_ID = "/dev/disk/by-id/"
# Names of the hardware itself first; then those of model and serial number, which people can read.
_BEST_FIRST = (
    *("dm-uuid-mpath-", "nvme-eui.", "wwn-", "scsi-3"),
    *("nvme-", "ata-", "scsi-", "virtio-", ""),
)
# These name what is on a disk today: gone when it is erased, and shared by every copy of it.
_NAMES_OF_CONTENT = ("lvm-pv-uuid-", "md-uuid-", "md-name-")


def lasting_link(links: Iterable[str]) -> str | None:
    """The link that names the disk wherever it is plugged, whatever is on it; None if none does."""
    names = [link.removeprefix(_BY_ID) for link in links if link.startswith(_BY_ID)]
    of_the_disk = [name for name in names if not name.startswith(_NAMES_OF_CONTENT)]
    for beginning in _BEST_FIRST:
        for name in of_the_disk:
            if name.startswith(beginning):
                return _BY_ID + name
    return None
