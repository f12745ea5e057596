"""Where the lab keeps things: all below ``build/``, which git ignores."""

from __future__ import annotations

import os
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / "build"
LAB = BUILD / "lab"
LAB_BASE = "debian-12"
BASE = os.environ.get("FLEXVDI_BASE") or LAB_BASE
"""What the tests run on: `make test BASE=…`."""


def iso_path(base: str = BASE) -> Path:
    """The install medium that `make iso` builds."""
    return BUILD / f"flexvdi-{base}.iso"


def netboot_folder(base: str = BASE) -> Path:
    """The network-boot set beside the medium."""
    return BUILD / f"flexvdi-{base}-netboot"


def own_command(name: str) -> str:
    """One of the project's commands, of the environment that runs the lab."""
    return str(Path(sys.executable).parent / name)
