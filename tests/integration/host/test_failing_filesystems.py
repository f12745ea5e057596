"""Jobs on real filesystems that are full or were turned read-only: told, and put back."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from foundation.failure import Failure
from foundation.unexpected import as_failure
from host.jobs import Jobs, JobStep, log


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A filesystem of its own with room for some 64 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("may not mount a filesystem here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


class Switch:
    """Something that a step changes: its value, and how often it was put back."""

    def __init__(self) -> None:
        self.value, self.undone = "before", 0

    def step(self, name: str, before: Callable[[], Any] = lambda: None, found: str = "") -> JobStep:
        def do() -> None:
            before()
            self.value = name

        def undo(_found: dict[str, Any]) -> None:
            self.value, self.undone = "before", self.undone + 1

        return JobStep(
            name=name,
            title=name,
            is_done=lambda: False,
            capture=lambda: {"found": found},
            do=do,
            undo=undo,
        )


def fill(folder: Path) -> None:
    with pytest.raises(OSError), (folder / "fill").open("wb", buffering=0) as stream:
        while True:
            stream.write(b"x" * 4096)


def test_what_cannot_be_noted_before_is_not_done(small: Path) -> None:
    """What a step found does not fit any more: the step is left out, those before are undone."""
    switch, jobs = Switch(), Jobs(small / "jobs")
    steps = [switch.step("one"), switch.step("two", found="x" * (1 << 17))]
    job = jobs.create("Trial", "root", steps)
    with pytest.raises(Failure, match="no space left"):
        jobs.run(job, steps)
    assert switch.value == "before" and switch.undone >= 1


def test_a_disk_that_fills_up_meanwhile_keeps_nothing_from_being_put_back(small: Path) -> None:
    switch, jobs = Switch(), Jobs(small / "jobs")
    steps = [switch.step("one", before=lambda: fill(small)), switch.step("two", found="x" * 8192)]
    job = jobs.create("Trial", "root", steps)
    with pytest.raises(Failure, match="no space left"):
        jobs.run(job, steps)
    assert switch.value == "before"
    (small / "fill").unlink()
    jobs.rollback(job, lambda _name, _found: None)
    assert jobs.record(job).state in ("failed", "rolled back")
    again = jobs.create("Trial", "root", [switch.step("three")])
    assert jobs.run(again, [switch.step("three")]).state == "done"


def test_a_filesystem_that_was_turned_read_only_is_told(small: Path) -> None:
    switch, jobs = Switch(), Jobs(small / "jobs")
    job = jobs.create("Trial", "root", [switch.step("one")])
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    for attempt in (
        lambda: jobs.run(job, [switch.step("one")]),
        lambda: jobs.create("Another", "root", [switch.step("one")]),
    ):
        with pytest.raises(OSError) as refused:
            attempt()
        failure = as_failure(refused.value, log)
        assert "read-only" in failure.cause and "dmesg" in failure.remedy
    assert switch.value == "before" and switch.undone == 0
    assert jobs.record(job).state == "interrupted", "it can still be resumed or rolled back"
