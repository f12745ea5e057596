"""Volume groups in memory (host.machine.volumes.Volumes)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from foundation.failure import Failure
from host.backends.simulated.simulation import Simulation
from host.backends.simulated.storage.disks import SimulatedDisks
from host.backends.simulated.storage.mounts import SimulatedMounts
from host.document.storage_names import device_mapper_name
from host.storage_values import Disk, DiskContent, GroupStatus, VolumeStatus

_EXTENT = 4 << 20


class SimulatedVolumes:
    """``known`` are the groups by name."""

    def __init__(
        self, simulation: Simulation, disks: SimulatedDisks, mounts: SimulatedMounts
    ) -> None:
        """As the facts say."""
        self._simulation = simulation
        self._disks = disks
        self._mounts = mounts
        groups = simulation.facts.get("storage", {}).get("volume_groups", ())
        self.known = {group.name: group for group in map(_group, groups)}

    def groups(self) -> tuple[GroupStatus, ...]:
        """All of them; a disk that was pulled is missing, and what is cut off cannot be read."""
        self._simulation.meet("volumes.groups")
        there = {name for disk in self._disks.known.values() for name in _names(disk)}
        return tuple(
            replace(
                group,
                missing=sum(disk not in there for disk in group.disks),
                volumes=tuple(replace(v, filesystem="") if v.cut_off else v for v in group.volumes),
            )
            for group in self.known.values()
        )

    def create_group(self, name: str, disks: tuple[str, ...]) -> None:
        """Of disks with nothing on them."""
        self._simulation.changes("volumes.create_group", name)
        size = sum(self._take(disk, name) for disk in disks)
        self.known[name] = GroupStatus(name, size, size, _EXTENT, disks)

    def extend_group(self, name: str, disks: tuple[str, ...]) -> None:
        """By disks with nothing on them."""
        self._simulation.changes("volumes.extend_group", name)
        group, more = self.known[name], sum(self._take(disk, name) for disk in disks)
        self.known[name] = replace(
            group, size=group.size + more, free=group.free + more, disks=(*group.disks, *disks)
        )

    def remove_group(self, name: str) -> None:
        """Its disks are empty afterwards."""
        self._simulation.changes("volumes.remove_group", name)
        group = self.known[name]
        if group.volumes:
            raise Failure(f"{name} still has volumes.", "Remove them first.")
        del self.known[name]
        for device in group.disks:
            disk = self._disks.find(device)
            self._disks.known[disk.name] = replace(disk, contents=(), holders=())

    def create(self, group: str, name: str, size: int | None) -> None:
        """In the space that is free."""
        self._simulation.changes("volumes.create", f"{group}/{name}")
        found = self.known[group]
        wanted = self._room(found, found.free if size is None else size)
        volume = VolumeStatus(group, name, f"/dev/{group}/{name}", wanted)
        self.known[group] = replace(
            found, free=found.free - wanted, volumes=(*found.volumes, volume)
        )

    def extend(self, group: str, name: str, size: int | None) -> None:
        """Into the space that is free."""
        self._simulation.changes("volumes.extend", f"{group}/{name}")
        found = self.known[group]
        volume = next(v for v in found.volumes if v.name == name)
        more = self._room(found, found.free if size is None else max(size - volume.size, 0))
        self._replace(found, replace(volume, size=volume.size + more), -more)

    def reopen(self, group: str, name: str) -> None:
        """What is on it can be read again; refused while it is mounted."""
        self._simulation.changes("volumes.reopen", f"{group}/{name}")
        found = self.known[group]
        volume = next(v for v in found.volumes if v.name == name)
        device = f"/dev/mapper/{device_mapper_name(group, name)}"
        if any(mounted.source == device for mounted in self._mounts.table()):
            raise Failure(f"{device} is in use.", "Stop the guests and programs that use it.")
        self._replace(found, replace(volume, cut_off=False), 0)

    def remove(self, group: str, name: str) -> None:
        """Its space is free afterwards."""
        self._simulation.changes("volumes.remove", f"{group}/{name}")
        found = self.known[group]
        gone = next((v for v in found.volumes if v.name == name), None)
        if gone is None:
            return
        left = tuple(v for v in found.volumes if v is not gone)
        self.known[group] = replace(found, volumes=left, free=found.free + gone.size)

    def format(self, group: str, name: str, filesystem: str) -> None:
        """Refused where there is a filesystem."""
        self._simulation.changes("volumes.format", f"{group}/{name}")
        found = self.known[group]
        volume = next(v for v in found.volumes if v.name == name)
        if volume.filesystem:
            raise Failure(f"{volume.path} already holds {volume.filesystem}.", "Remove it first.")
        self._replace(found, replace(volume, filesystem=filesystem), 0)

    def _replace(self, group: GroupStatus, volume: VolumeStatus, freed: int) -> None:
        volumes = tuple(volume if v.name == volume.name else v for v in group.volumes)
        self.known[group.name] = replace(group, volumes=volumes, free=group.free + freed)

    def _room(self, group: GroupStatus, size: int) -> int:
        wanted = -(-size // _EXTENT) * _EXTENT
        if wanted > group.free:
            raise Failure(f"{group.name} has no room for that.", "Make it smaller, or add a disk.")
        return wanted

    def _take(self, device: str, group: str) -> int:
        disk: Disk = self._disks.find(device)
        if not disk.is_empty:
            raise Failure(f"{device} is not empty.", "Wipe it first.")
        content = DiskContent(disk.name, "whole disk", disk.size, "LVM2_member")
        self._disks.known[disk.name] = replace(disk, contents=(content,), holders=(group,))
        return disk.size // _EXTENT * _EXTENT


def _names(disk: Disk) -> set[str]:
    """Of a disk and its partitions."""
    return {*disk.names, *(f"/dev/{content.device}" for content in disk.contents)}


def _group(facts: dict[str, Any]) -> GroupStatus:
    volumes = tuple(
        VolumeStatus(
            **{
                "group": facts["name"],
                "path": f"/dev/{facts['name']}/{volume['name']}",
                **volume,
                "mounts": tuple(volume.get("mounts", ())),
            }
        )
        for volume in facts.get("volumes", ())
    )
    values = {"extent": _EXTENT, **facts, "disks": tuple(facts["disks"]), "volumes": volumes}
    return GroupStatus(**values)
