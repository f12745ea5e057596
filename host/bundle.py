"""What a support bundle holds, packed into one tar.gz without secrets."""

from __future__ import annotations

import io
import json
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from threading import Event

from foundation.failure import Cancelled, Failure
from foundation.secret import Secret
from host.api.support import BundleProgress, Diagnosis
from host.document.writing import document_text
from host.in_force import DOCUMENT_FILE, document_in_force
from host.jobs import Jobs
from host.machine import Machine
from host.redaction import secrets_of, without_secrets

Text = Callable[[], str]


def pack(
    path: Path,
    name: str,
    machine: Machine,
    jobs: Jobs,
    diagnose: Callable[[], tuple[Diagnosis, ...]],
    on_progress: Callable[[BundleProgress], None],
    cancel: Event | None,
) -> tuple[str, ...]:
    """Write the bundle to ``path``, its files below the folder ``name``.

    Returns what could not be had. Raises Failure when the disk has no room, Cancelled on request.
    """
    secrets = secrets_of(document_in_force(machine.files))
    missing: list[str] = []
    try:
        with tarfile.open(path, "w:gz", compresslevel=6) as archive:
            for inside, text in _contents(machine, jobs, diagnose).items():
                if cancel is not None and cancel.is_set():
                    raise Cancelled("collecting the support bundle")
                on_progress(BundleProgress(inside))
                try:
                    _add(archive, f"{name}/{inside}", _clean(text, secrets))
                except Failure as failure:
                    missing.append(f"{inside}: {failure.cause}")
            if missing:
                _add(archive, f"{name}/missing.txt", "\n".join(missing) + "\n")
    except OSError as error:
        raise Failure(
            f"The bundle could not be written: {error.strerror}.", "Make room on /var/tmp."
        ) from error
    return tuple(missing)


def bundle_name(hostname: str) -> str:
    """``support-node3-20260131-120000``: no two of a host are called alike."""
    short = hostname.partition(".")[0]
    return f"support-{short}-{time.strftime('%Y%m%d-%H%M%S')}"


def _contents(
    machine: Machine, jobs: Jobs, diagnose: Callable[[], tuple[Diagnosis, ...]]
) -> Mapping[str, Text]:
    """File name to what makes its text; the ones that say most come first."""
    contents: dict[str, Text] = {
        "host.yaml": lambda: document_text(document_in_force(machine.files), show_secrets=False),
        "diagnosis.json": lambda: _json([asdict(finding) for finding in diagnose()]),
        "jobs.json": lambda: _json([record.as_dict() for record in jobs.records()]),
    }
    for path in machine.inspection.configuration():
        if path != DOCUMENT_FILE:
            contents[f"configuration/{path}"] = _file(machine, path)
    contents |= machine.inspection.texts()
    return contents


def _file(machine: Machine, path: str) -> Text:
    def read() -> str:
        content = machine.files.read(path)
        return content.text or content.link or "" if content is not None else ""

    return read


def _json(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _clean(text: Text, secrets: tuple[Secret, ...]) -> bytes:
    return without_secrets(text(), secrets).encode(errors="replace")


def _add(archive: tarfile.TarFile, name: str, data: bytes | str) -> None:
    content = data.encode() if isinstance(data, str) else data
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = len(content), int(time.time()), 0o600
    archive.addfile(entry, io.BytesIO(content))


def entries(path: Path) -> Iterator[tuple[str, str]]:
    """Name and text of every file in a bundle."""
    with tarfile.open(path) as archive:
        for member in archive:
            stream = archive.extractfile(member)
            if stream is not None:
                yield member.name, stream.read().decode(errors="replace")
