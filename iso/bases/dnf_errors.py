"""What dnf's error texts mean for a build, and what to do about them.

dnf 4 and dnf 5 word most things alike, for both use the same libraries; one table, first match
wins. ``{what}`` is what the pattern found.
"""

from __future__ import annotations

import re

from foundation.failure import Failure

_ANOTHER_MIRROR = "Try again, or name another mirror with --mirror."
_DO_NOT_BUILD = (
    "Do not build from there: name another mirror, and tell whoever runs this one. "
    "Signatures are checked in every build."
)
_MEANINGS: tuple[tuple[str, str, str], ...] = (
    (
        r"No space left on device|Write error|more space (?:needed )?on the \S+ filesystem",
        "The disk or filesystem is full.",
        "Free space there, or name another folder with --cache.",
    ),
    (
        r"Package (\S+) is not signed",
        "The package {what} has no signature.",
        _DO_NOT_BUILD,
    ),
    (
        r"(?:Problem opening package|Error opening package|package corrupted:?) (\S+)",
        "The package {what} is damaged or was tampered with.",
        _DO_NOT_BUILD,
    ),
    (
        r"Public key for (\S+) is not installed|Failing package is: (\S+)|"
        r"[Nn]o (?:corresponding|correct) key .*?for (\S+)",
        "The package {what} is not signed with the key that is pinned for its repository.",
        _DO_NOT_BUILD,
    ),
    (
        r"(?:GPG|PGP|OpenPGP) check (?:FAILED|failed)|BAD|[Ss]ignature verification failed",
        "A package has a wrong signature.",
        _DO_NOT_BUILD,
    ),
    (
        r"Status code: 404 for (\S+)|Error opening (\S+): No such file",
        "The mirror is incomplete: it lacks {what}.",
        "Wait until the mirror is in step again, or name another with --mirror.",
    ),
    (
        r"(?:No match for argument|Unable to find a match): (.+)",
        "The repositories have no package {what}.",
        "Correct the packages in the base's data file: it was renamed or left the distribution.",
    ),
    (
        r"(?:Cannot download|Downloading error\S*) (\S+?):.*(?:[Cc]hecksum|should be)",
        "What the mirror sent as {what} does not match its checksum.",
        _DO_NOT_BUILD,
    ),
    (
        r"[Dd]ownloading successful, but checksum doesn't match",
        "What the mirror sent does not match its checksum.",
        _DO_NOT_BUILD,
    ),
    (
        r"Curl error \((?:18|28|52|55|56|92)\)[^\[]*?for (\S+)",
        "The mirror broke off while sending {what}.",
        _ANOTHER_MIRROR,
    ),
    (
        r"Curl error \((?:5|6|7)\)[^\[]*?for (\S+)",
        "The mirror could not be reached: {what}.",
        "Check this machine's network, or name another mirror with --mirror.",
    ),
    (
        r"Failed to download metadata for repo '([^']+)'",
        "The repository {what} could not be read.",
        _ANOTHER_MIRROR,
    ),
    (
        r"(?:Incorrect or unknown|[Uu]nsupported) .*[\"' ](\w+)[\"']?$",
        "The dnf of this machine does not know the architecture {what}.",
        "Build on the distribution itself, whose dnf knows it.",
    ),
    (
        r"(nothing provides .+)",
        "The packages of the base do not fit together: {what}",
        "The mirror may be between two states: try later, or name a snapshot with --mirror.",
    ),
    (
        r"(?:Transaction test error:|Failed to resolve the transaction:?|Problem(?: \d+)?:)\s+(.+)",
        "The packages of the base do not fit together: {what}",
        "The mirror may be between two states: try later, or name a snapshot with --mirror.",
    ),
    (
        r"(?:Error in|error: lua script failed in) .*?scriptlet in rpm package (\S+)",
        "A script of the package {what} failed.",
        "Its output is in the details; the machine that builds may lack what it needs.",
    ),
)


def explained(said: str, status: int) -> Failure:
    """The failure that dnf's output stands for."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    details = "\n".join(lines[-40:])
    for pattern, cause, remedy in _MEANINGS:
        match = re.search(pattern, said, re.MULTILINE)
        if match:
            found = next((group for group in match.groups() if group), "") if match.groups() else ""
            return Failure(cause.replace("{what}", found.strip(" .")), remedy, details=details)
    words = lines[-1] if lines else "it gave no reason"
    return Failure(
        f"dnf failed with status {status}: {words}", "The details hold its output.", details=details
    )
