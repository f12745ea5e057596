"""The mark by which a medium knows the disks that it has installed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from foundation.kernel_command_line import KernelCommandLine
from installer.storage.planning import plan_layout
from installer.target.installed_mark import leave_mark
from iso import bases
from iso.boot_menu import INSTALLATION, boot_texts
from tests.unit.installer_storage.lab_machines import IMAGE, automatic, clear_all, machine


def context(target: Path, line: str) -> Any:
    plan = automatic("vda", clearing=clear_all("vda"))
    return SimpleNamespace(
        plan=plan,
        layout=plan_layout(plan, machine("one-blank-disk"), IMAGE),
        target=target,
        kernel_command_line=KernelCommandLine.parse(line),
    )


@pytest.fixture
def esp(tmp_path: Path) -> Path:
    place = tmp_path / "boot/efi"
    place.mkdir(parents=True)
    return place


def test_the_medium_looks_for_what_the_installer_leaves(esp: Path, tmp_path: Path) -> None:
    label = "FLEXVDI-0_1_0-ABCDEF"
    menu = boot_texts(bases.load("debian-12"), "0.1.0", label).menu
    assert menu.count(f" {INSTALLATION}=$installation\n") == 2
    assert "in (*)/flexvdi/$installation.installed; do" in menu
    leave_mark(cast("Any", context(tmp_path, f"quiet {INSTALLATION}={label.lower()}")))
    assert [path.name for path in (esp / "flexvdi").iterdir()] == [f"{label.lower()}.installed"]


@pytest.mark.parametrize("line", ["quiet", f"{INSTALLATION}=", f"{INSTALLATION}=../../etc/x"])
def test_without_a_name_there_is_no_mark(esp: Path, tmp_path: Path, line: str) -> None:
    leave_mark(cast("Any", context(tmp_path, line)))
    assert list(esp.iterdir()) == []
