"""What the words of mount(8) and of systemd mean when something could not be mounted.

One table, in order; the first pattern that matches wins.
"""

from __future__ import annotations

import re

from foundation.failure import Failure

_MEANINGS: tuple[tuple[str, str, str], ...] = (
    (
        r"special device .* does not exist|dev-.*\.device|timed out waiting for device",
        "The disk of {source} is not there.",
        "Check cables or iSCSI sessions, then `flexvdi-config disks rescan`.",
    ),
    (
        r"access denied by server|Permission denied|not permitted",
        "The server does not let this host mount {source}.",
        "Add this host's address to the export on the server.",
    ),
    (
        r"No such file or directory|does not exist|Stale file handle",
        "The server no longer exports {source}.",
        "Compare the path with `flexvdi-config nfs exports SERVER`.",
    ),
    (
        r"No such device|unknown filesystem type 'nfs",
        "This kernel has no NFS client.",
        "Load it with `modprobe nfs`.",
    ),
    (
        r"Protocol not supported|version or transport protocol",
        "The server does not speak this version of NFS.",
        "Choose another version for {source}, 3 or 4.0 for old servers.",
    ),
    (
        r"timed out|did not finish within|No route to host|Connection refused|unreachable",
        "The server of {source} does not answer.",
        "Check that it runs, the network to it, and any firewall (TCP 2049).",
    ),
    (
        r"resolve|Name or service not known",
        "The name of the server of {source} could not be resolved.",
        "Check the name and the DNS servers.",
    ),
    (
        r"wrong fs type|unknown filesystem type|bad superblock|can't read superblock",
        "What is on {source} is not the filesystem that the document says, or it is damaged.",
        "See `flexvdi-config disks show`; check it with xfs_repair -n or fsck -n.",
    ),
    (
        r"busy|already mounted",
        "{source}, or the folder it goes to, is in use.",
        "See `findmnt` and `fuser -vm` for who uses it.",
    ),
    (
        r"Dependency failed|dependency",
        "Something that {source} needs did not start.",
        "See `systemctl --failed`; a disk or the network may be missing.",
    ),
)


def mount_failure(source: str, said: str, error: Failure | None = None) -> Failure:
    """What the words of mount(8) or systemd mean."""
    details = error.details if error is not None else said
    for pattern, cause, remedy in _MEANINGS:
        if re.search(pattern, said or details, re.IGNORECASE):
            return Failure(
                cause.format(source=source), remedy.format(source=source), details=details or said
            )
    lines = [line for line in said.splitlines() if line.strip()]
    words = lines[-1].strip().rstrip(".") if lines else "mount gave no reason"
    return Failure(
        f"{source} could not be mounted: {words}.", "See `journalctl -b -t mount`.", details=details
    )
