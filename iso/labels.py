"""SELinux labels, put into a tree while it is built, so that no host ever has to relabel itself.

The tree's own setfiles(8) reads the tree's own policy. Labels are extended attributes: they can be
written whether or not the building machine runs SELinux.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from foundation.failure import Failure
from iso.chroot import EXCHANGE, run_in

_CONFIGURATION = Path("etc/selinux/config")
_LABEL = "security.selinux"
# On a host this is a FAT filesystem, which has no labels. A label that cannot be written there
# makes unsquashfs(1) fail and leave out all further attributes.
_WITHOUT_LABELS = Path("boot/efi")


def label(tree: Path) -> None:
    """Label every file of ``tree`` as its policy says, but for those that lie on FAT on a host.

    Raises Failure when the tree has no policy or no tool to read it.
    """
    contexts = Path("/etc/selinux") / policy_of(tree) / "contexts/files/file_contexts"
    if not (tree / contexts.relative_to("/")).is_file():
        raise Failure(
            f"The root tree has no {contexts}: its SELinux policy is missing.",
            "Add the policy to the packages of the base (selinux-policy-targeted).",
        )
    # Seen through a bind mount, the tree shows what lies below /dev, /proc and /run itself.
    run_in(
        tree,
        ["setfiles", "-F", "-r", str(EXCHANGE), str(contexts), str(EXCHANGE)],
        exchange=tree,
        timeout=1200,
    )
    place = tree / _WITHOUT_LABELS
    for path in (place, *place.rglob("*")) if place.is_dir() else ():
        if _LABEL in os.listxattr(path, follow_symlinks=False):
            os.removexattr(path, _LABEL, follow_symlinks=False)


def policy_of(tree: Path) -> str:
    """The name of the policy that the tree's configuration chooses (``targeted``)."""
    path = tree / _CONFIGURATION
    found = re.search(r"^SELINUXTYPE=(\S+)", path.read_text() if path.is_file() else "", re.M)
    if not found:
        raise Failure(
            f"The root tree has no /{_CONFIGURATION} that names a policy.",
            "Add the policy to the packages of the base (selinux-policy-targeted).",
        )
    return found.group(1)
