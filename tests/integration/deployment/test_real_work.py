"""Upgrade, change of address and move on real libvirt, killed at every step: gone on with, or back.

Two hosts with a libvirtd of their own, a cable and SSH between them; the guests are as small as can
be (see stand_in). Every step is killed once in each run; with the tests marked ``full`` it is gone
on with and taken back after each. On two cores that others use as well, all take half an hour.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.deployment.manager_lab import (
    NEWER,
    SSH_SERVER,
    ManagerLab,
    missing_programs,
)
from tests.integration.deployment.stand_in import ADDRESS, OTHER_ADDRESS
from tests.integration.deployment.test_real_deployment import pytestmark as needs

pytestmark = [
    *needs,
    pytest.mark.skipif(
        not Path(SSH_SERVER).exists() or bool(missing_programs("rsync")),
        reason="needs an SSH server and rsync",
    ),
]
STEPS = {"upgrade": 8, "address": 5, "move": 8}
ENDS = ("goes on", "is taken back")
TRIALS = [
    pytest.param(name, step, end, marks=[] if ENDS[step % 2] == end else [pytest.mark.full])
    for name in STEPS
    for step in range(1, STEPS[name] + 1)
    for end in ENDS
]


@pytest.fixture(scope="module")
def labs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ManagerLab, ManagerLab]]:
    here = ManagerLab(tmp_path_factory.mktemp("node1"), "node1", 1)
    try:
        there = ManagerLab(tmp_path_factory.mktemp("node2"), "node2", 2, like=here)
        try:
            here.connect(there)
            yield here, there
        finally:
            there.end()
    finally:
        here.end()


@pytest.fixture
def here(labs: tuple[ManagerLab, ManagerLab]) -> ManagerLab:
    """With a Manager that runs."""
    lab = labs[0]
    status = lab.json("manager", "status")
    if status["job"] is not None:
        lab.run("job", "rollback", status["job"]["id"])
    if status["manager"] is None:
        lab.ok(*lab.deploy_words())
    else:
        lab.ok("manager", "start")
    return lab


@pytest.fixture
def there(labs: tuple[ManagerLab, ManagerLab]) -> Iterator[ManagerLab]:
    """Without one, afterwards too."""
    lab = labs[1]
    yield lab
    if lab.json("manager", "status")["manager"] is not None:
        lab.run("manager", "force-off", "--yes")
        lab.ok("manager", "remove", "--erase", "flexvdi-manager")
    assert lab.is_clean()


def words_for(name: str, here: ManagerLab, there: ManagerLab) -> tuple[str, ...]:
    """The command that begins the work."""
    if name == "upgrade":
        return ("manager", "upgrade", "--yes", "--image", str(here.folder / NEWER))
    if name == "move":
        return ("manager", "move", "--yes", f"root@{there.address}", "--folder", str(there.storage))
    now = described(here)["address"].partition("/")[0]
    other = OTHER_ADDRESS if now == ADDRESS else ADDRESS
    return ("manager", "change-address", "--yes", f"{other}/24")


def described(lab: ManagerLab) -> dict[str, Any]:
    """The descriptor, without what changes with each start."""
    manager: dict[str, Any] = lab.json("manager", "status")["manager"]
    return {**manager, "epoch": 0}


def assert_well(lab: ManagerLab) -> None:
    """It runs and answers, nothing is half done, and no file is left that does not belong there."""
    status = lab.json("manager", "status")
    assert status["state"] == "running" and status["job"] is None, status
    assert {check["state"] for check in status["checks"]} == {"ok"}, status["checks"]
    names = {path.name for path in lab.place.iterdir()} - {"system.qcow2.previous"}
    assert names == {"system.qcow2", "data.qcow2", "seed.iso", "flexvdi-manager.json"}


@pytest.mark.parametrize(("name", "step", "end"), TRIALS)
def test_killed_at_any_step(
    here: ManagerLab, there: ManagerLab, name: str, step: int, end: str
) -> None:
    before = described(here)
    words = words_for(name, here, there)
    process = here.config(*words)
    assert process.stdout is not None
    seen = any(line.startswith(f"[{step}/{STEPS[name]}]") for line in process.stdout)
    process.send_signal(signal.SIGKILL)
    _out, error = process.communicate()
    assert seen, error
    job = here.json("manager", "status")["job"]
    if job is None:  # the last step is too short to be hit: it was done
        assert step in (1, STEPS[name])
        if step == 1:
            return
    elif end == "goes on":
        assert job["state"] == "interrupted"
        here.ok("job", "resume", job["id"])
    else:
        done = here.run("job", "rollback", job["id"])
        if done.returncode == 0:
            assert_well(here)
            assert described(here) == before
            assert there.is_clean()
            return
        assert name == "move" and step >= STEPS[name] - 2 and "resume" in done.stderr
        here.ok("job", "resume", job["id"])
    if name == "move":
        assert here.is_clean()
        assert_well(there)
        assert described(there) == {**before, "running_on": "node2"}
    else:
        assert_well(here)
        wanted = {"version": "0.2.0"}
        if name == "address":
            wanted = {"address": words[-1], "instance": before["instance"] + 1}
        assert described(here) == {**before, **wanted}


def test_after_a_power_cut_it_starts_with_its_host_and_nowhere_else(
    here: ManagerLab, there: ManagerLab
) -> None:
    here.cut_the_power()
    assert_well(here)
    process = here.config(*words_for("move", here, there))
    assert process.stdout is not None
    assert any(line.startswith("[8/8]") or line.startswith("[7/8]") for line in process.stdout)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    here.cut_the_power()
    # Of the two that have it now, only the one that it was handed over to has started it.
    assert "flexvdi-manager" not in here.virsh("list", "--name")
    refused = here.run("manager", "start")
    assert refused.returncode == 1
    job = here.json("manager", "status")["job"]
    if job is not None:
        here.ok("job", "resume", job["id"])
    assert here.is_clean()
    assert_well(there)
