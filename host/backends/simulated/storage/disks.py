"""Disks in memory (host.machine.disks.Disks)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from foundation.failure import Failure
from host.backends.simulated.simulation import Simulation
from host.storage_values import Disk, DiskContent, HostAdapter, Smart


class SimulatedDisks:
    """``known`` are the disks that are there, by kernel name; pulling one is removing it."""

    def __init__(self, simulation: Simulation) -> None:
        """As the facts say."""
        self._simulation = simulation
        facts = simulation.facts.get("storage", {})
        self.known = {disk.name: disk for disk in map(disk_from, facts.get("disks", ()))}
        self._unseen = [disk_from(disk) for disk in facts.get("unseen_disks", ())]
        self._adapters = tuple(HostAdapter(**adapter) for adapter in facts.get("adapters", ()))
        self._media: Mapping[str, Any] = facts.get("media", {})

    def disks(self) -> tuple[Disk, ...]:
        """Those that are there, without SMART."""
        self._simulation.meet("disks.disks")
        return tuple(replace(disk, smart=None) for disk in self.known.values())

    def smart(self, disk: Disk) -> Smart:
        """As the facts say."""
        self._simulation.meet("disks.smart")
        return self.known[disk.name].smart or Smart("unknown", ("It does not tell its health.",))

    def adapters(self) -> tuple[HostAdapter, ...]:
        """As the facts say."""
        self._simulation.meet("disks.adapters")
        return self._adapters

    def rescan(self, _adapters: tuple[HostAdapter, ...]) -> None:
        """What was unseen is found."""
        self._simulation.changes("disks.rescan")
        self.known.update({disk.name: disk for disk in self._unseen})
        self._unseen.clear()

    def appears(self, device: str) -> bool:
        """Whether it is there now."""
        self._simulation.meet("disks.appears")
        return any(device in disk.names for disk in self.known.values())

    def wipe(self, device: str) -> None:
        """Nothing is on it any more; refused while something is built on it."""
        self._simulation.changes("disks.wipe", device)
        disk = self.find(device)
        if disk.holders:
            raise Failure(f"{device} is in use.", "Stop what holds it, then try again.")
        self.known[disk.name] = replace(disk, contents=())

    def media(self, folder: str) -> tuple[tuple[str, int], ...]:
        """As the facts say."""
        self._simulation.meet("disks.media")
        return tuple(sorted(self._media.get(folder, {}).items()))

    def find(self, device: str) -> Disk:
        """A disk by any of its names; raises Failure when it is not there."""
        for disk in self.known.values():
            if device in disk.names:
                return disk
        raise Failure(f"There is no disk {device}.", "See `flexvdi-config disks show`.")


def disk_from(facts: Mapping[str, Any]) -> Disk:
    """A disk from its JSON."""
    values: dict[str, Any] = dict(facts)
    values.setdefault("path", f"/dev/{values['name']}")
    values.setdefault("stable", values["path"])
    values["by_id"] = tuple(values.get("by_id", (values["stable"],)))
    values["holders"] = tuple(values.get("holders", ()))
    values["contents"] = tuple(
        DiskContent(**{**content, "mounts": tuple(content.get("mounts", ()))})
        for content in values.get("contents", ())
    )
    if values.get("smart") is not None:
        smart = values["smart"]
        values["smart"] = Smart(**{**smart, "reasons": tuple(smart.get("reasons", ()))})
    return Disk(**values)
