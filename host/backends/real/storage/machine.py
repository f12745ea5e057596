"""All storage ports of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from host.backends.real.storage.disks import RealDisks
from host.backends.real.storage.iscsiadm import DEFAULT_FOLDER, RealISCSI
from host.backends.real.storage.lvm import RealVolumes
from host.backends.real.storage.mounts import RealMounts
from host.backends.real.storage.multipathd import RealMultipath
from host.backends.real.storage.pools import RealPools
from host.machine.storage import StoragePorts

ISCSI_RECORDS = "iscsi-records"
"""The place of a base (release.json, ``places``) where its iscsiadm keeps records."""


def real_storage(places: Mapping[str, str] | None = None) -> StoragePorts:
    """The ports; ``places`` as the image's release says, relative to the root."""
    records = (places or {}).get(ISCSI_RECORDS)
    return StoragePorts(
        disks=RealDisks(),
        iscsi=RealISCSI(Path("/", records) if records else DEFAULT_FOLDER),
        multipath=RealMultipath(),
        volumes=RealVolumes(),
        mounts=RealMounts(),
        pools=RealPools(),
    )
