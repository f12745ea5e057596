"""Builds that cannot succeed: one line that says why, and nothing left behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.process import Completed, run
from iso import software
from iso.cache import default_cache
from tests.lab.mounts import mounts_below

COMMAND = (sys.executable, "-m", "iso.command_line", "build", "--base", "debian-12")


def build(output: Path, *arguments: str) -> Completed:
    return run(
        [*COMMAND, "--output", str(output), *arguments],
        timeout=1200,
        accept=(1,),
        working_directory=str(software.PROJECT),
    )


def why(result: Completed) -> str:
    """The line for the reader; the end of what a program said may stand below it, indented."""
    said = result.stderr.strip().splitlines()
    return [line for line in said if not line.startswith("    ")][-1]


@pytest.fixture(autouse=True)
def root_and_no_new_mounts(tmp_path: Path) -> Iterator[None]:
    if os.geteuid() != 0:
        pytest.fail("these tests build, which needs root")
    yield
    assert mounts_below(tmp_path, default_cache()) == []


def test_a_mirror_that_does_not_answer(tmp_path: Path) -> None:
    output, cache = tmp_path / "x.iso", tmp_path / "cache"
    result = build(output, "--mirror", "http://127.0.0.1:9/debian", "--cache", str(cache))
    assert "http://127.0.0.1:9/debian" in why(result)
    assert "--mirror URL" in why(result)
    assert not output.exists()
    left = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "lock"]
    assert left == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(place)])
    yield place
    run(["umount", str(place)])


def test_a_full_disk(small_disk: Path) -> None:
    result = build(small_disk / "x.iso")
    assert "full" in why(result)
    assert list(small_disk.iterdir()) == []


def test_an_unfit_kickstart_is_refused_at_once(tmp_path: Path) -> None:
    kickstart = tmp_path / "ks.cfg"
    kickstart.write_bytes(b"\xef\xbb\xbftext\n")
    result = build(tmp_path / "x.iso", "--kickstart", str(kickstart))
    assert "byte order mark" in why(result)
    assert "root tree" not in result.stderr
