"""Volume groups and logical volumes: made where they are missing, grown where they are smaller.

A disk that holds something is taken only after its name was confirmed; one that is in use never.
A group that the document in force already has, and that is not there, is not made anew: its disks
were pulled, and what they hold may come back. Until then it gets nothing new. Nor is a filesystem
made anew that the document in force has: what cannot be read today may be saved tomorrow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from foundation.failure import Failure
from host import volume_steps
from host.change import Change, PartPlan
from host.document.model import HostDocument
from host.document.storage import LogicalVolume, VolumeGroup
from host.document.storage_names import parse_size
from host.jobs import JobStep
from host.machine import Machine
from host.storage_use import find_disk, losses_of, uses_of
from host.storage_values import Disk, GroupStatus, VolumeStatus


class LocalVolumesPart:
    """See host.parts.Part."""

    name = "local_volumes"
    title = "Local volumes"
    rank = 120

    def plan(
        self, wanted: HostDocument, current: HostDocument | None, machine: Machine
    ) -> PartPlan:
        """Compare the groups of the document with those of the machine."""
        groups = wanted.storage.volume_groups
        if not groups:
            return PartPlan()
        found = {group.name: group for group in machine.storage.volumes.groups()}
        known = {group.name: group for group in current.storage.volume_groups} if current else {}
        disks = machine.storage.disks.disks()
        plans = [
            _plan_group(
                _Situation(group, known.get(group.name), found.get(group.name), disks), machine
            )
            for group in groups
        ]
        return PartPlan(
            tuple(change for plan in plans for change in plan.changes),
            tuple(step for plan in plans for step in plan.steps),
            tuple(note for plan in plans for note in plan.notes),
        )

    def undo(self, step: str, found: dict[str, Any], machine: Machine) -> None:
        """What was made goes again; what has grown stays grown."""
        volume_steps.undo(step, found, machine)


@dataclass(frozen=True)
class _Situation:
    """A group as it is wanted, as the document in force has it, and as it is."""

    group: VolumeGroup
    known: VolumeGroup | None
    found: GroupStatus | None
    disks: Sequence[Disk]


def _plan_group(situation: _Situation, machine: Machine) -> PartPlan:
    group, found = situation.group, situation.found
    if found is None and situation.known is not None:
        _refuse_additions(group, situation.known)
        return PartPlan()
    new = _new_disks(situation)
    changes: list[Change] = []
    steps: list[JobStep] = []
    erases = tuple(name for name in new if _losses(name, situation.disks))
    if new:
        changes.append(_disks_change(situation, new, erases))
        make = volume_steps.extend_group if found is not None else volume_steps.create_group
        steps.append(make(group.name, new, erases, machine))
    # What takes the rest comes after those that say how much they need.
    for volume in sorted(group.volumes, key=lambda volume: volume.size == "rest"):
        for change, step in _plan_volume(situation, volume, bool(new), machine):
            changes.append(change)
            steps.append(step)
    notes = tuple(note for volume in group.volumes for note in _notes(situation, volume))
    return PartPlan(tuple(changes), tuple(steps), notes)


def _refuse_additions(group: VolumeGroup, known: VolumeGroup) -> None:
    """Raise Failure when a group whose disks are away is to get what it did not have."""
    added = [disk for disk in group.disks if disk not in known.disks]
    added += [volume.name for volume in group.volumes if volume not in known.volumes]
    if added:
        raise Failure(
            f"{group.name} is not there: its disks are away.",
            "Check the disks and cables, then `flexvdi-config disks rescan`.",
            where=f"storage.volume_groups.{group.name}",
        )


def _new_disks(situation: _Situation) -> tuple[str, ...]:
    """The disks that the group does not have yet; raises Failure for one that is in use."""
    if situation.found is None:
        new = situation.group.disks
    else:
        members = _all_names(situation.found.disks, situation.disks)
        before = situation.known.disks if situation.known is not None else ()
        new = tuple(
            disk
            for disk in situation.group.disks
            if not _all_names((disk,), situation.disks) & members and disk not in before
        )
    for name in new:
        disk = find_disk(name, situation.disks)
        uses = uses_of(disk, situation.disks) if disk is not None else ()
        if uses:
            raise Failure(
                f"{name} cannot be taken for {situation.group.name}: {', '.join(uses)}.",
                "Choose another disk, or free this one first.",
                where=f"storage.volume_groups.{situation.group.name}.disks",
            )
    return new


def _all_names(names: Sequence[str], disks: Sequence[Disk]) -> frozenset[str]:
    """Every name of the disks that go by ``names``."""
    found = set(names)
    for name in names:
        disk = find_disk(name, disks)
        if disk is not None:
            found |= disk.names
    return frozenset(found)


def _losses(name: str, disks: Sequence[Disk]) -> tuple[str, ...]:
    disk = find_disk(name, disks)
    return losses_of(disk) if disk is not None else ()


def _disks_change(situation: _Situation, new: tuple[str, ...], erases: tuple[str, ...]) -> Change:
    name = situation.group.name
    verb = f"add {len(new)} to it" if situation.found is not None else "create it"
    details = []
    for disk in new:
        known = find_disk(disk, situation.disks)
        if known is None:
            details.append(f"{disk}: not there yet; it must be empty when it comes")
        else:
            held = ", ".join(losses_of(known)) or "empty"
            details.append(f"{disk} ({known.model or known.kind}): {held}")
    return Change(
        "local_volumes",
        f"Volume group {name}: {verb} ({', '.join(new)})",
        "data" if erases else "none",
        "\n".join(details),
        erases,
    )


def _plan_volume(
    situation: _Situation, volume: LogicalVolume, group_grows: bool, machine: Machine
) -> Iterator[tuple[Change, JobStep]]:
    group = situation.group.name
    path, size = f"{group}/{volume.name}", _bytes(volume)
    found = _find_volume(situation.found, volume.name)
    if found is None:
        of = f" with {volume.filesystem}" if volume.filesystem else ""
        yield (
            Change("local_volumes", f"Volume {path}: create it ({volume.size}{of})"),
            volume_steps.create_volume(group, volume.name, size, volume.filesystem, machine),
        )
        return
    if found.cut_off:
        if situation.found is not None and not situation.found.missing:
            yield _reopening(group, volume, found, machine)
        return
    _refuse_shrinking(situation, volume, found)
    extent = situation.found.extent if situation.found is not None else 1
    grows = group_grows if size is None else size > found.size and size - found.size >= extent
    if grows:
        yield (
            Change("local_volumes", f"Volume {path}: grow it to {volume.size}"),
            volume_steps.extend_volume(group, volume.name, size, found.size, machine),
        )
    if volume.filesystem and not found.filesystem:
        if _had_filesystem(situation, volume):
            return
        yield (
            Change(
                "local_volumes", f"Volume {path}: make a filesystem on it ({volume.filesystem})"
            ),
            volume_steps.format_volume(group, volume.name, volume.filesystem, machine),
        )
    elif volume.filesystem and found.filesystem != volume.filesystem:
        raise Failure(
            f"The volume {path} holds {found.filesystem}, and the document says "
            f"{volume.filesystem}.",
            f"Say {found.filesystem}, or remove the volume first, which asks for its name.",
            where=f"storage.volume_groups.{group}.volumes.{volume.name}",
        )


def _reopening(
    group: str, volume: LogicalVolume, found: VolumeStatus, machine: Machine
) -> tuple[Change, JobStep]:
    path = f"{group}/{volume.name}"
    wanted = (volume.path,) if volume.path else ()
    paths = tuple(dict.fromkeys((*found.mounts, *wanted)))
    where = ", ".join(paths)
    words = f"Volume {path}: open it on the disk that came back"
    if paths:
        words = f"Volume {path}: open it on the disk that came back, and mount it on {where}"
    return (
        Change("local_volumes", words),
        volume_steps.reopen_volume(group, volume.name, paths, machine),
    )


def _had_filesystem(situation: _Situation, volume: LogicalVolume) -> bool:
    """Whether the document in force has this volume with this filesystem already."""
    before = _known_volume(situation, volume.name)
    return before is not None and before.filesystem == volume.filesystem


def _notes(situation: _Situation, volume: LogicalVolume) -> Iterator[str]:
    found = _find_volume(situation.found, volume.name)
    if found is None or found.cut_off or found.filesystem or not volume.filesystem:
        return
    if _had_filesystem(situation, volume):
        yield (
            f"Volume {situation.group.name}/{volume.name}: its filesystem cannot be read, and is "
            f"not made anew. See dmesg and xfs_repair or fsck; to begin with an empty one, remove "
            f"the volume first, which asks for its name."
        )


def _refuse_shrinking(situation: _Situation, volume: LogicalVolume, found: VolumeStatus) -> None:
    """A person who asks for less is told; a volume that somebody has grown by hand is let be."""
    before = _known_volume(situation, volume.name)
    size = _bytes(volume)
    if before is None or before.size == volume.size or size is None:
        return
    if size < found.size:
        raise Failure(
            f"The volume {situation.group.name}/{volume.name} cannot be made smaller, "
            f"from {found.size} to {size} bytes: it could lose data.",
            "Make a new volume, copy what is needed, and remove the old one.",
            where=f"storage.volume_groups.{situation.group.name}.volumes.{volume.name}.size",
        )


def _known_volume(situation: _Situation, name: str) -> LogicalVolume | None:
    volumes = situation.known.volumes if situation.known is not None else ()
    return next((volume for volume in volumes if volume.name == name), None)


def _find_volume(group: GroupStatus | None, name: str) -> VolumeStatus | None:
    volumes = group.volumes if group is not None else ()
    return next((volume for volume in volumes if volume.name == name), None)


def _bytes(volume: LogicalVolume) -> int | None:
    return None if volume.size == "rest" else parse_size(volume.size)


PART = LocalVolumesPart()
