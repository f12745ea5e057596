"""What is looked for in images of any kind."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

_PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{20}")
_LARGEST = 1 << 20  # bytes; keys are small
_SECTOR = 512


def private_keys(tree: Path) -> list[str]:
    """The files below ``tree`` that hold a private key, whatever they are called."""
    return [
        str(path.relative_to(tree))
        for path in sorted(tree.rglob("*"))
        if path.is_file()
        and not path.is_symlink()
        and path.stat().st_size < _LARGEST
        and _PRIVATE_KEY.search(path.read_bytes())
    ]


def unpack_appliance(image: Path, work: Path) -> Path:
    """The system of a Manager's image, which is a squashfs in its last partition, as a tree."""
    raw, system, tree = work / "disk.raw", work / "system.squashfs", work / "tree"
    _run("qemu-img", "convert", "-O", "raw", str(image), str(raw))
    last = _run("sgdisk", "--print", str(raw)).splitlines()[-1].split()
    with raw.open("rb") as stream, system.open("wb") as target:
        stream.seek(int(last[1]) * _SECTOR)
        target.write(stream.read((int(last[2]) - int(last[1]) + 1) * _SECTOR))
    raw.unlink()
    _run("unsquashfs", "-q", "-n", "-d", str(tree), str(system))
    return tree


def _run(*argv: str) -> str:
    environment = {**os.environ, "LC_ALL": "C"}
    return subprocess.run(
        argv, check=True, capture_output=True, text=True, env=environment, timeout=300
    ).stdout
