"""A Manager moves while it runs, between two real libvirts that see the same storage.

The storage is a folder behind FUSE which calls itself GlusterFS: to libvirt and to us it is shared,
and its locks are the kernel's, so that the two lock managers keep each other out as on any other.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.deployment.manager_lab import ManagerLab, missing_programs
from tests.integration.deployment.test_real_work import assert_well
from tests.integration.deployment.test_real_work import pytestmark as needs

pytestmark = [
    *needs,
    pytest.mark.skipif(bool(missing_programs("bindfs")), reason="needs bindfs"),
]
READY = '"state": "ready"'


@contextmanager
def shared_storage(folder: Path) -> Iterator[Path]:
    """Where both hosts find the same files."""
    behind, mount = folder / "behind", folder / "shared"
    behind.mkdir()
    mount.mkdir()
    subprocess.run(["bindfs", "-o", "subtype=glusterfs", str(behind), str(mount)], check=True)
    try:
        yield mount
    finally:
        subprocess.run(["umount", "--lazy", str(mount)], check=True)


@pytest.fixture
def labs(tmp_path: Path) -> Iterator[tuple[ManagerLab, ManagerLab]]:
    """The first one has a Manager that runs."""
    for name in ("node1", "node2"):
        (tmp_path / name).mkdir()
    with shared_storage(tmp_path) as storage:
        here = ManagerLab(tmp_path / "node1", "node1", 1, storage=storage)
        try:
            there = ManagerLab(tmp_path / "node2", "node2", 2, like=here, storage=storage)
            try:
                here.connect(there)
                here.ok(*here.deploy_words())
                yield here, there
            finally:
                there.end()
        finally:
            here.end()


def words_for(there: ManagerLab) -> tuple[str, ...]:
    return ("manager", "move", "--yes", "--live", f"root@{there.address}")


def assert_moved(here: ManagerLab, there: ManagerLab) -> None:
    """It runs there and only there, and is the one that ran here: nobody has started it anew."""
    assert here.json("manager", "status")["manager"] is None
    assert "flexvdi-manager" not in here.virsh("list", "--all", "--name")
    assert_well(there)
    assert there.json("manager", "status")["manager"]["running_on"] == "node2"
    assert "flexvdi-manager" in there.virsh("list", "--autostart", "--name")
    # The guest tells that it is ready whenever it starts.
    assert READY not in there.ok("manager", "console", "--log")


def test_it_runs_on_over_there_with_its_disks_locked(
    labs: tuple[ManagerLab, ManagerLab], tmp_path: Path
) -> None:
    here, there = labs
    assert READY in here.ok("manager", "console", "--log")
    definition = here.virsh("dumpxml", "--inactive", "flexvdi-manager")
    said = here.ok(*words_for(there))
    assert "while it runs" in said
    assert_moved(here, there)
    (tmp_path / "again.xml").write_text(definition)
    here.virsh("define", str(tmp_path / "again.xml"))
    assert "lock" in here.virsh("start", "flexvdi-manager").lower()
    here.virsh("undefine", "flexvdi-manager")
    assert_well(there)


def test_killed_while_it_moves_it_goes_on(labs: tuple[ManagerLab, ManagerLab]) -> None:
    here, there = labs
    process = here.config(*words_for(there))
    assert process.stdout is not None
    assert any(line.startswith("[2/3]") for line in process.stdout)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    job = here.json("manager", "status")["job"]
    assert job is not None
    here.ok("job", "resume", job["id"])
    assert_moved(here, there)
