"""The lock of a base: exactly which packages, from which state of which repositories.

``<name>.lock`` lies beside the base's data file and is written by ``flexvdi-iso lock``. A build
with a lock installs those packages and no others, compares every one with its checksum, and fails
when a mirror no longer has one.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from foundation.atomic_file import write_atomically
from foundation.failure import Failure


class RepositoryState(BaseModel):
    """What a repository was when it was read: its address, revision, and SHA-256 of its index."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: str
    revision: str
    sha256: str


class Lock(BaseModel):
    """A root tree told exactly.

    ``packages`` maps ``name-epoch:version-release.architecture`` to the SHA-256 of the package's
    header, which in turn covers all that it contains.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    repositories: dict[str, RepositoryState] = {}
    packages: dict[str, str] = {}


def read_lock(path: Path) -> Lock:
    """Read a lock; raises Failure that names the file when it is damaged."""
    try:
        return Lock.model_validate(tomllib.loads(path.read_text()))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise Failure(
            "The lock of the base could not be read.",
            "Restore it, or write it anew with `flexvdi-iso lock`.",
            where=str(path),
            details=str(error),
        ) from error


def write_lock(path: Path, lock: Lock) -> None:
    """Write ``lock`` so that two of them are easily compared: one package a line, sorted."""
    lines = ["# Written by `flexvdi-iso lock`: what a build of this base consists of.\n"]
    for name, state in sorted(lock.repositories.items()):
        lines += [
            f"\n[repositories.{name}]\n",
            f'place = "{state.place}"\n',
            f'revision = "{state.revision}"\n',
            f'sha256 = "{state.sha256}"\n',
        ]
    lines.append("\n[packages]\n")
    lines += [f'"{name}" = "{digest}"\n' for name, digest in sorted(lock.packages.items())]
    write_atomically(path, "".join(lines))
