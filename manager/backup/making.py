"""Making a backup, while the Manager runs."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from foundation.failure import Failure
from foundation.secret import Secret
from manager.backup.container import Header, write_header
from manager.backup.rows import dump_tables
from manager.database.migrating import current_revisions
from manager.services import Services
from manager.version import manager_version

# What of the state folder belongs to the platform's identity, besides the database.
STATE_FILES = (
    "certificates/ca.crt",
    "certificates/ca.key",
    "certificates/server.crt",
    "certificates/server.key",
    "certificates/brought.crt",
    "certificates/brought.key",
    "secret.key",
    "backup-passphrase",
)
CHECKSUMS = "checksums.json"

Progress = Callable[[int, str], None]


def _no_progress(percent: int, message: str) -> None:
    """For those who do not want to know."""


def make_backup(
    services: Services,
    output: Path,
    passphrase: Secret | None,
    progress: Progress = _no_progress,
) -> Header:
    """Write a backup to ``output`` (mode 0600), which is there only once it is whole.

    Raises Failure where that cannot be written.
    """
    partial = output.with_name(f".{output.name}.partial")
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=output.parent) as scratch:
            progress(5, "reading the database")
            database, rows = services.database, Path(scratch)
            with database.reading(snapshot=True) as session:
                files = dump_tables(session.connection(), rows)
            header = Header(
                manager_version=manager_version(),
                created=services.clock(),
                revisions=sorted(current_revisions(database)),
                ca_fingerprint=services.authority.fingerprint,
            )
            progress(50, "writing the file")
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                header, payload = write_header(stream, header, passphrase)
                _write_payload(payload, services.settings.state, files)
                if payload is not stream:
                    payload.close()
                stream.flush()
                os.fsync(stream.fileno())
        partial.replace(output)
    except OSError as error:
        raise Failure(
            f"The backup {output} cannot be written: {error.strerror}.",
            "See that there is space and that the folder may be written to.",
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return header


def _write_payload(payload: IO[bytes], state: Path, tables: list[Path]) -> None:
    members = [(f"tables/{path.name}", path) for path in tables]
    members += [(f"state/{name}", state / name) for name in STATE_FILES if (state / name).exists()]
    sums = {}
    with tarfile.open(fileobj=payload, mode="w|gz") as archive:
        for name, path in members:
            sums[name] = hashlib.sha256(path.read_bytes()).hexdigest()
            archive.add(path, name, filter=_nobodys)
        with tempfile.NamedTemporaryFile("w", suffix=".json") as listed:
            json.dump(sums, listed)
            listed.flush()
            archive.add(listed.name, CHECKSUMS, filter=_nobodys)


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member
