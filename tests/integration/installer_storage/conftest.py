"""Loop devices on sparse files, with the sector size of a test's choice."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

LoopDevice = Callable[[int, int], Path]


@pytest.fixture
def loop_device(tmp_path: Path) -> Iterator[LoopDevice]:
    """Makes a loop device of so many bytes and such sectors; detached at the end."""
    if os.geteuid() != 0 or not Path("/dev/loop-control").exists():
        pytest.skip("needs root and loop devices")
    made: list[str] = []

    def make(size: int, sector_size: int) -> Path:
        image = tmp_path / f"disk{len(made)}.img"
        with image.open("wb") as stream:
            stream.truncate(size)
        command = ["losetup", "--find", "--show", "--sector-size", str(sector_size), str(image)]
        made.append(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        return Path(made[-1].strip())

    yield make
    for device in made:
        subprocess.run(["partx", "--delete", device.strip()], capture_output=True)
        subprocess.run(["losetup", "--detach", device.strip()], check=True)
