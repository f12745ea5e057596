"""SELinux labels, put into a tree while it is built, so that no host ever has to relabel itself.

The tree's own setfiles(8) reads the tree's own policy. Labels are extended attributes: they can be
written whether or not the building machine runs SELinux.
"""

from __future__ import annotations

import re
from pathlib import Path

from foundation.failure import Failure
from iso.chroot import EXCHANGE, run_in

_CONFIGURATION = Path("etc/selinux/config")


def label(tree: Path) -> None:
    """Label every file of ``tree`` as its policy says; those that are right stay untouched.

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
