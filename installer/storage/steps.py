"""The steps that prepare the disks, in their order; the first looks whether the image is sound."""

from __future__ import annotations

from installer.engine.step import InstallContext, Step
from installer.storage.devices import settle
from installer.storage.filesystems import make_filesystems
from installer.storage.lvm import create_group
from installer.storage.mounting import mount_layout, unmount_tree
from installer.storage.partitioning import partition_disk
from installer.storage.raid import create_array
from installer.storage.teardown import tear_down_disks
from installer.target.steps import VERIFY_STEP


def _tear_down(context: InstallContext) -> None:
    unmount_tree(context.target)
    tear_down_disks(context.layout.disks, context.say)


def _partition(context: InstallContext) -> None:
    for disk in context.layout.disks:
        context.say(f"Writing the partition table of {disk.path}")
        partition_disk(disk)
    settle()


def _make_arrays(context: InstallContext) -> None:
    for array in context.layout.arrays:
        context.say(f"Making the array {array.name} of {', '.join(array.members)}")
        create_array(array)


def _make_groups(context: InstallContext) -> None:
    for group in context.layout.groups:
        context.say(f"Making the volume group {group.name}")
        create_group(group)


def _make_filesystems(context: InstallContext) -> None:
    make_filesystems(context.layout.filesystems, context.say)


def _mount(context: InstallContext) -> None:
    mount_layout(context.layout, context.target)


STORAGE_STEPS = (
    VERIFY_STEP,
    Step("teardown", "Erasing the disks", _tear_down, destructive=True),
    Step("partition", "Partitioning", _partition, destructive=True),
    Step("raid", "Making mirrors", _make_arrays, destructive=True),
    Step("volumes", "Making volumes", _make_groups, destructive=True),
    Step("filesystems", "Making filesystems", _make_filesystems, destructive=True, weight=2),
    Step("mount", "Mounting the new system", _mount, destructive=True),
)
