"""Files on other volumes: finding a device by name, label or UUID, and a mount for a moment."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from foundation.failure import Failure
from foundation.process import ProcessFailed, run

MountForReading = Callable[[str, str], AbstractContextManager[Path]]
"""Called with a device (or ``server:/path``) and mount options; yields the folder it is at."""

_BY_TAG = {"LABEL": "by-label", "UUID": "by-uuid", "PARTLABEL": "by-partlabel",
           "PARTUUID": "by-partuuid"}  # fmt: skip


def find_device(name: str, devices: Path = Path("/dev")) -> Path | None:
    """The block device that ``name`` means: a name, a path, or ``LABEL=``, ``UUID=`` and kin."""
    tag, equals, value = name.partition("=")
    if equals:
        folder = _BY_TAG.get(tag.upper())
        if folder is None:
            return None
        candidate = devices / "disk" / folder / _as_udev_writes(value)
    else:
        candidate = devices / name.removeprefix("/dev/")
    return candidate if candidate.exists() else None


def _as_udev_writes(label: str) -> str:
    allowed = "#+-.:=@_"
    return "".join(
        char
        if char.isalnum() or char in allowed
        else "".join(f"\\x{byte:02x}" for byte in char.encode())
        if char.isascii()
        else char
        for char in label
    )


@contextmanager
def mounted_for_reading(source: str, options: str = "") -> Iterator[Path]:
    """Mount ``source`` read-only for as long as the context lasts; raises Failure."""
    with tempfile.TemporaryDirectory(prefix="flexvdi-answers-") as folder:
        words = ",".join(part for part in ("ro", options) if part)
        kind = ["-t", "nfs"] if ":/" in source else []
        try:
            run(["mount", *kind, "-o", words, source, folder], timeout=90)
        except ProcessFailed as error:
            raise Failure(
                f"{source} could not be mounted.",
                error.remedy,
                details=error.details or error.cause,
            ) from error
        try:
            yield Path(folder)
        finally:
            run(["umount", folder], timeout=60)
