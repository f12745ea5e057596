"""SELinux labels of what the installation wrote, so that the first boot has nothing to relabel.

The image's own files were labelled when it was built, and copying kept that. Files that steps,
scripts and the report wrote from outside are labelled here, by the new system's own tool.
"""

from __future__ import annotations

import re
from pathlib import Path

from foundation.image_release import RELEASE_PATH
from installer.engine.step import InstallContext
from installer.target.image_copy import installed_release
from installer.target.inside import run_inside

_CONFIGURATION = "etc/selinux/config"
_LABELLED_FILESYSTEMS = ("ext2", "ext3", "ext4", "xfs")


def label_files(context: InstallContext) -> None:
    """Label every filesystem of the new system as its policy says; what is right stays.

    Nothing is done for a system without SELinux, or when the target is not mounted any more.
    """
    target = context.target
    if not (target / RELEASE_PATH).exists() or not installed_release(context).selinux:
        return
    contexts = f"/etc/selinux/{policy_of(target)}/contexts/files/file_contexts"
    context.say("Labelling files for SELinux")
    # setfiles stays within the filesystem that it is started on.
    mount_points = [
        filesystem.mount_point
        for filesystem in context.layout.filesystems
        if filesystem.kind in _LABELLED_FILESYSTEMS and filesystem.mount_point
    ]
    run_inside(target, ["setfiles", "-F", contexts, *mount_points], timeout=1800)


def policy_of(target: Path) -> str:
    """The policy that the system's configuration chooses; ``targeted`` where it says nothing."""
    path = target / _CONFIGURATION
    text = path.read_text() if path.is_file() else ""
    found = re.search(r"^SELINUXTYPE=(\S+)", text, re.MULTILINE)
    return found.group(1) if found else "targeted"
