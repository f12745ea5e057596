"""The part of ``requirements.lock`` that an image runs.

uv writes below each pinned package who asked for it (``# via``). Starting from the project's own
dependencies and those of the extras that the image needs, following these backwards gives exactly
the run-time packages: the extras for development and the bindings that come from the distribution
stay out.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from foundation.failure import Failure

_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==")


@dataclass(frozen=True)
class Pin:
    """One package of the lock file: its lines as written, and who asked for it."""

    name: str
    lines: tuple[str, ...]
    asked_for_by: frozenset[str]


def runtime_requirements(project: Path, extras: tuple[str, ...] = ()) -> str:
    """The lines of the lock file for the run-time dependencies of the project in ``project``.

    ``extras`` are the optional dependencies that are wanted besides.
    Raises Failure when a dependency is not in the lock file.
    """
    pins = {pin.name: pin for pin in read_pins((project / "requirements.lock").read_text())}
    declared = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    wanted = [*declared["dependencies"]]
    for extra in extras:
        wanted += declared["optional-dependencies"][extra]
    chosen = {_normal(re.split(r"[^A-Za-z0-9._-]", text)[0]) for text in wanted}
    missing = sorted(chosen - pins.keys())
    if missing:
        raise Failure(f"requirements.lock does not have {', '.join(missing)}.", "Run `make lock`.")
    grown = True
    while grown:
        more = {pin.name for pin in pins.values() if pin.asked_for_by & chosen} - chosen
        chosen |= more
        grown = bool(more)
    return "".join(line + "\n" for name in sorted(chosen) for line in pins[name].lines)


def read_pins(text: str) -> list[Pin]:
    """The pinned packages of a lock file in the format of ``uv pip compile``."""
    pins: list[Pin] = []
    lines: list[str] = []
    name = ""

    def finish() -> None:
        if name:
            asking = re.findall(r"^\s+#\s+(?:via\s+)?([A-Za-z0-9._-]+)", "\n".join(lines), re.M)
            kept = tuple(line for line in lines if not line.lstrip().startswith("#"))
            pins.append(Pin(name, kept, frozenset(_normal(who) for who in asking) - {"via"}))

    for line in text.splitlines():
        match = _PIN.match(line)
        if match:
            finish()
            name, lines = _normal(match.group(1)), [line]
        elif name:
            lines.append(line)
    finish()
    return pins


def _normal(name: str) -> str:
    """A package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
