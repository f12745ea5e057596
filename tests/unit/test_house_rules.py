"""Who may import whom, and what no file of the project may contain."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

# For each place, the longest matching one counts: what of ours its modules may import.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "foundation": ("foundation",),
    "agent": ("foundation", "host", "agent"),
    # What Agent and Manager say to each other: all that the Manager knows of the Agent.
    "agent.protocol": ("foundation", "agent.protocol"),
    "iso": ("foundation", "iso"),
    "kickstart": ("foundation", "host.document", "kickstart"),
    "host": ("foundation", "host"),
    "host.document": ("foundation", "host.document"),
    "installer": ("foundation", "host.document", "installer", "kickstart"),
    "manager": ("foundation", "agent.protocol", "manager"),
    "manager_image": ("foundation", "iso", "manager_image"),
    "installer.screens": (
        "foundation",
        "host.document",
        "installer",
        "kickstart",
        "config_tui.kit",
    ),
    "config_tui": ("foundation", "host", "config_tui"),
    "config_tui.kit": ("foundation", "config_tui.kit"),
}
OURS = {
    "agent",
    "config_tui",
    "foundation",
    "host",
    "installer",
    "iso",
    "kickstart",
    "manager",
    "manager_image",
}

# Libraries that only some places may touch, and why.
ONLY_IN: dict[str, tuple[str, ...]] = {
    # GPL-2.0-only and GPL-3.0-or-later: never in one process.
    "pykickstart": ("kickstart.reader",),
    "parted": ("installer.storage", "installer.machine"),
    "_ped": ("installer.storage", "installer.machine"),
    # Screens and servers never touch the system; programs are run in one place.
    "subprocess": ("foundation.process", "foundation.interactive", "installer.screens.shell"),
    "urwid": ("config_tui", "installer.screens"),
    "jeepney": ("host.backends",),
    "libvirt": ("host.backends",),
    "libvirt_qemu": ("host.backends",),
    "ldap3": ("manager.directory",),
    "sqlalchemy": ("manager",),
    "dbos": ("manager",),
}


@functools.cache
def modules() -> dict[str, Path]:
    found = {}
    for package in sorted(OURS):
        for path in (REPOSITORY / package).rglob("*.py"):
            parts = path.relative_to(REPOSITORY).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def within(name: str, place: str) -> bool:
    return name == place or name.startswith(place + ".")


def allowed_for(module: str) -> tuple[str, ...]:
    places = [place for place in MAY_IMPORT if within(module, place)]
    return MAY_IMPORT[max(places, key=len)]


@pytest.mark.parametrize("module", sorted(modules()))
def test_imports_follow_the_house(module: str) -> None:
    allowed = allowed_for(module)
    for name in imports_of(modules()[module]):
        if name.split(".")[0] not in OURS:
            continue
        # `from kickstart import install_plan` names the package too; that alone says nothing.
        if any(within(name, place) or within(place, name) for place in allowed):
            assert not within(name, "kickstart.reader") or within(module, "kickstart.reader"), (
                f"{module} imports {name}; the reader runs as a process of its own"
            )
            continue
        pytest.fail(f"{module} imports {name}; it may import {', '.join(allowed)}")


@pytest.mark.parametrize("module", sorted(modules()))
def test_libraries_stay_in_their_places(module: str) -> None:
    for name in imports_of(modules()[module]):
        places = ONLY_IN.get(name.split(".")[0])
        if places is not None:
            assert any(within(module, place) for place in places), (
                f"{module} imports {name}, which belongs into {', '.join(places)}"
            )


def test_the_lint_sees_a_forbidden_import() -> None:
    assert "host.document" not in allowed_for("iso.command_line")
    assert "config_tui.kit" in allowed_for("installer.screens.disks")
    assert "config_tui.kit" not in allowed_for("installer.engine.walk")


def tracked_texts() -> list[Path]:
    listed = subprocess.run(
        ["git", "-C", str(REPOSITORY), "ls-files", "-z"], capture_output=True, text=True, check=True
    )
    paths = [REPOSITORY / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()]


def test_no_download_host_is_written_into_the_project() -> None:
    # Package mirrors are the building machine's own; a name here would break sites without it.
    mirror = re.compile(
        r"https?://(deb|security|snapshot|ftp\.[a-z.]+|mirror[a-z0-9.-]*)\.debian\.org"
    )
    offenders = [
        str(path) for path in tracked_texts() if mirror.search(path.read_text(errors="replace"))
    ]
    assert not offenders


def test_no_wait_loses_a_cancellation() -> None:
    # asyncio.wait_for() swallows one that comes as it ends, before Python 3.12; timeout() does not.
    called = re.compile(r"\basyncio\.wait_for\(")
    offenders = [
        str(path)
        for path in tracked_texts()
        if path.suffix == ".py"
        and not path.is_relative_to(REPOSITORY / "tests")
        and called.search(path.read_text())
    ]
    assert not offenders
