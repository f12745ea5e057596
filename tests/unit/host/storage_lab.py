"""Storage documents and machines for tests: what a simulated host's storage is, in one value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from host.audit import Actor
from host.backends.simulated.backend import SimulatedHost
from host.backends.simulated.files import SimulatedFiles
from host.backends.simulated.storage.disks import SimulatedDisks
from host.backends.simulated.storage.iscsi import SimulatedISCSI
from host.backends.simulated.storage.mounts import SimulatedMounts
from host.backends.simulated.storage.pools import SimulatedPools
from host.backends.simulated.storage.volumes import SimulatedVolumes
from host.document.model import HostDocument
from host.document.storage import Storage
from host.storage_values import Disk, GroupStatus, ISCSISession

NODE = Path(__file__).parents[3] / "host/backends/simulated/examples/node.json"
WHO = Actor("root", "test")
SECRET = "abcdefghijkl"
TARGET = "iqn.2026-01.com.example:disks"
EMPTY_DISK = "/dev/disk/by-id/wwn-0x5000c500a1b2c302"
FULL_DISK = "/dev/disk/by-id/wwn-0x5000c500a1b2c303"
LUN = "/dev/disk/by-id/wwn-0x6001405000000001"

EVERYTHING = f"""\
iscsi:
  initiator_name: iqn.2026-01.com.example:node3
  targets:
  - name: {TARGET}
    portals: [10.0.5.1, 10.0.6.1]
    chap: {{username: host3, password: {SECRET}}}
multipath: {{enabled: true}}
volume_groups:
- name: data
  disks: [{EMPTY_DISK}]
  volumes:
  - {{name: images, size: 500 GiB, filesystem: xfs, path: /srv/local, purpose: image-storage}}
  - {{name: rest, size: rest}}
- name: san
  disks: [{LUN}]
  volumes:
  - {{name: images, size: rest, filesystem: ext4, path: /srv/san}}
mounts:
- {{kind: nfs, name: images, source: "nas.lab:/export/images", path: /srv/images,
   purpose: image-storage}}
- {{kind: nfs, name: isos, source: "nas.lab:/export/isos", path: /srv/isos,
   purpose: media-storage, read_only: true, automount: true}}
- {{kind: directory, name: drop, path: /srv/drop}}
"""


def storage(text: str) -> Storage:
    """The section in YAML."""
    return Storage.model_validate(yaml.safe_load(text))


def with_storage(host: SimulatedHost, text: str) -> HostDocument:
    """The host's document with other storage."""
    return host.document().replacing(storage=storage(text))


class Ports:
    """The storage ports of a simulated host, by their own types."""

    def __init__(self, host: SimulatedHost) -> None:
        """Those of ``host``."""
        ports = host.machine.storage
        assert isinstance(ports.disks, SimulatedDisks)
        assert isinstance(ports.iscsi, SimulatedISCSI)
        assert isinstance(ports.volumes, SimulatedVolumes)
        assert isinstance(ports.mounts, SimulatedMounts)
        assert isinstance(ports.pools, SimulatedPools)
        assert isinstance(host.machine.files, SimulatedFiles)
        self.files = host.machine.files
        self.disks = ports.disks
        self.iscsi = ports.iscsi
        self.volumes = ports.volumes
        self.mounts = ports.mounts
        self.pools = ports.pools

    def state(self) -> dict[str, Any]:
        """All that applying can change, to compare."""
        disks: dict[str, Disk] = dict(self.disks.known)
        groups: dict[str, GroupStatus] = dict(self.volumes.known)
        sessions: tuple[ISCSISession, ...] = self.iscsi.sessions()
        return {
            "files": dict(self.files.content),
            "disks": disks,
            "groups": groups,
            "records": {
                record.address: dict(record.settings) for record in self.iscsi.kept.values()
            },
            "sessions": {(s.target, s.portal) for s in sessions},
            "started": set(self.mounts.started),
            "enabled": set(self.mounts.enabled),
            "pools": dict(self.pools.known),
        }
