"""Leaves the new system: everything written, unmounted, and its devices stopped."""

from __future__ import annotations

import os
from pathlib import Path

from foundation.process import ProcessFailed, run
from installer.engine.step import InstallContext
from installer.storage.lvm import deactivate_group
from installer.storage.mounting import mounts_under, unmount_tree
from installer.storage.raid import stop_array
from installer.target.labels import label_files


def unmount_target(context: InstallContext) -> None:
    """Label and unmount the target; stop its groups and arrays, clean for the next boot.

    A device that stays busy is only told: the restart stops it as well.
    """
    label_files(context)
    context.say("Writing everything to the disks")
    if str(context.target) in mounts_under(context.target):
        run(["sync", "--file-system", str(context.target)], timeout=3600)
    unmount_tree(context.target)
    os.sync()
    try:
        for group in context.layout.groups:
            deactivate_group(group)
        for array in context.layout.arrays:
            if Path(array.path).exists():
                stop_array(array)
    except ProcessFailed as failure:
        context.say(f"Warning: a device is still busy and stops at the restart: {failure.cause}")
