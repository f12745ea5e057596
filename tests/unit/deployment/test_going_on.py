"""Work on a Manager that is there, ended early at every call: gone on with, or taken back.

Whatever ended it, the end is one of two: as it was before, or as if nothing had happened.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from foundation.appliance_seed import ApplianceProgress, progress_line
from foundation.failure import Failure
from host.backends.simulated.backend import SimulatedHost
from host.backends.simulated.manager.domains import FINGERPRINT
from host.backends.simulated.simulation import Fault, Killed
from host.deployment.descriptor import in_folder, keep
from tests.unit.deployment.lab import (
    AGENT,
    FOLDER,
    NEWER,
    PLACE,
    WHO,
    deployed,
    domains_of,
    images_of,
    remote_of,
    state_of,
    with_newer_image,
)

EXPORT = "/var/tmp/m.tar"
# What is begun, and whether the Manager runs at the time.
WORK: dict[str, tuple[Callable[[SimulatedHost], object], bool]] = {
    "export": (lambda host: host.manager.export(EXPORT, WHO), False),
    "import": (lambda host: host.manager.import_from(EXPORT, "/srv/other", WHO), False),
    "upgrade": (lambda host: host.manager.upgrade(NEWER, WHO), True),
    "second upgrade": (lambda host: host.manager.upgrade(NEWER, WHO), True),
    "address": (
        lambda host: host.manager.change_address("10.0.4.60/24", "10.0.4.1", (), WHO),
        True,
    ),
    "address, while it is off": (
        lambda host: host.manager.change_address("10.0.4.60/24", "10.0.4.1", (), WHO),
        False,
    ),
    "move": (lambda host: host.manager.move("root@node2", FOLDER, False, WHO), True),
    "move, while it is off": (
        lambda host: host.manager.move("root@node2", FOLDER, False, WHO),
        False,
    ),
    "live move": (lambda host: host.manager.move("root@node2", "", True, WHO), True),
}


def begun(folder: Path, name: str) -> SimulatedHost:
    """Where the work is about to begin."""
    shared = {PLACE: {"shared": name == "live move"}}
    host = deployed(folder, **with_newer_image(storage_trials=shared))
    if name.startswith("move"):
        images_of(host).content[f"{PLACE}/backups/20200101-000000-0.1.0.backup"] = b"old"
    if not WORK[name][1]:
        host.manager.stop(WHO)
    if name == "second upgrade":
        host.manager.upgrade(NEWER, WHO)
    if name == "import":
        host.manager.export(EXPORT, WHO)
        host.manager.remove("flexvdi-manager", WHO)
    if name == "live move":
        seen = f"{PLACE}/flexvdi-manager.json"
        remote_of(host).received[seen] = images_of(host).content[seen]
    host.simulation.changes_made.clear()
    host.simulation.restart_counting()
    return host


def settled(host: SimulatedHost) -> dict[str, Any]:
    """What counts; a guest that was started again has a larger epoch."""
    state = state_of(host)
    for name in (
        f"{PLACE}/flexvdi-manager.json",
        "/srv/other/flexvdi-manager/flexvdi-manager.json",
    ):
        if name in state["files"]:
            state["files"][name] = {**json.loads(state["files"][name]), "epoch": 0}
    # The image before the last is given up when an upgrade begins.
    state["files"].pop(f"{PLACE}/system.qcow2.previous", None)
    state["pointer"] = bool(state["pointer"])
    remote = remote_of(host)
    received = {name for name in remote.received if not name.endswith(".json")}
    return {**state, "there": remote.manager, "received": received}


def whole(name: str) -> tuple[dict[str, Any], list[str]]:
    """How it ends when nothing happens, and the calls that it makes."""
    with tempfile.TemporaryDirectory() as folder:
        host = begun(Path(folder), name)
        WORK[name][0](host)
        return settled(host), list(host.simulation.changes_made)


WHOLE = {name: whole(name) for name in WORK}
TRIALS = [(name, call) for name in WORK for call in range(1, len(WHOLE[name][1]) + 1)]


def interrupt(
    host: SimulatedHost, name: str, call: int, monkeypatch: pytest.MonkeyPatch, of: str = "*"
) -> str:
    """Kill it at a call; returns the job, or nothing if it had not come that far."""
    jobs = {known.id for known in host.jobs()}
    host.faults[of] = Fault("gone", at=call, times=1, kind="killed")
    with pytest.raises(Killed):
        WORK[name][0](host)
    host.faults.clear()
    monkeypatch.setattr("host.jobs._is_alive", lambda process: False)
    new = [known for known in host.jobs() if known.id not in jobs]
    assert [known.state for known in new] == ["interrupted"] * len(new)
    return new[0].id if new else ""


@pytest.mark.parametrize("name", WORK)
def test_killed_in_any_write_it_goes_on_to_the_same_end(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for write in range(1, WHOLE[name][1].count("images.write") + 1):
        host = begun(tmp_path / str(write), name)
        job = interrupt(host, name, write, monkeypatch, of="images.written")
        assert job, write
        ended = host.resume(job, WHO)
        assert ended is not None and ended.state == "done", write
        assert settled(host) == WHOLE[name][0], write


@pytest.mark.parametrize(("name", "call"), TRIALS)
def test_killed_at_any_call_it_goes_on_to_the_same_end(
    tmp_path: Path, name: str, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = begun(tmp_path, name)
    job = interrupt(host, name, call, monkeypatch)
    if job:
        ended = host.resume(job, WHO)
        assert ended is not None and ended.state == "done"
    else:
        WORK[name][0](host)
    assert settled(host) == WHOLE[name][0]
    assert host.manager.status().job is None


@pytest.mark.parametrize(("name", "call"), TRIALS)
def test_killed_and_the_host_started_anew_it_goes_on_to_the_same_end(
    tmp_path: Path, name: str, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """libvirt starts what starts with the host, wherever the work stood."""
    host = begun(tmp_path, name)
    job = interrupt(host, name, call, monkeypatch)
    came_up = power_cut(host)
    runs = WORK[name][1]
    if not job and came_up and not runs:
        return  # it was off, nothing was begun, and now it runs
    if name == "export" and came_up:
        with pytest.raises(Failure, match="Stop it first"):
            host.resume(job, WHO)
        assert host.manager.status().job is None
        return
    if job:
        host.resume(job, WHO)
    else:
        WORK[name][0](host)
    end = settled(host)
    if not runs and came_up and not name.startswith("move"):
        end["domains"] = WHOLE[name][0]["domains"]  # it runs now, though it was off
    assert without_claim(end) == without_claim(WHOLE[name][0])


@pytest.mark.parametrize("end", ["fails", "killed", "power cut"])
@pytest.mark.parametrize(("name", "call"), TRIALS)
def test_work_that_ends_early_is_taken_back(
    tmp_path: Path, name: str, call: int, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = begun(tmp_path, name)
    before = settled(host)
    job = ""
    if end == "fails":
        host.faults["*"] = Fault("gone", at=call, times=1)
        if name == "address" and "ask_agent" in WHOLE[name][1][call - 1]:
            WORK[name][0](host)  # telling hosts is a courtesy: an address changes without it
            assert settled(host) == WHOLE[name][0]
            return
        with pytest.raises(Failure):
            WORK[name][0](host)
        host.faults.clear()
        known = host.jobs()[0]
        job = known.id if host._jobs.has_leftovers(known.id) else ""
    else:
        job = interrupt(host, name, call, monkeypatch)
        if end == "power cut":
            power_cut(host)
    if not job or not host._jobs.has_leftovers(job):
        now = settled(host)
        assert end == "power cut" or now == before
        return
    try:
        host.rollback(job, WHO)
    except Failure as refused:
        assert "move" in name and "resume" in refused.remedy
        host.resume(job, WHO)
        assert settled(host) == WHOLE[name][0]
        return
    now = settled(host)
    if end == "power cut":
        now["domains"] = before["domains"]  # by itself it is off, or on, as its host is
        assert without_claim(now) == without_claim(before)
    else:
        assert now == before


@pytest.mark.parametrize(("name", "call"), [trial for trial in TRIALS if trial[1] % 3 == 0])
def test_killed_while_it_is_taken_back_it_still_comes_to_one_of_the_two_ends(
    tmp_path: Path, name: str, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = begun(tmp_path, name)
    before = settled(host)
    job = interrupt(host, name, call, monkeypatch)
    if not job or not host._jobs.has_leftovers(job):
        return
    host.simulation.restart_counting()
    host.faults["*"] = Fault("gone", at=2, times=1, kind="killed")
    try:
        host.rollback(job, WHO)
    except Killed:
        host.faults.clear()
        if call % 2:
            host.resume(job, WHO)
            assert settled(host) == WHOLE[name][0]
            return
        host.rollback(job, WHO)
    except Failure:
        return  # past the point from which there is a way back
    host.faults.clear()
    assert settled(host) == before


def power_cut(host: SimulatedHost) -> bool:
    """The host goes down and comes up; libvirt starts what it should. Whether it did."""
    domains = domains_of(host)
    for name, known in list(domains.known.items()):
        domains.force_off(name)
        whole = all(images_of(host).content.get(path) for path in disks_of(known.domain.xml))
        if known.domain.autostart and whole:
            domains.start(name)
            return True
    return False


def disks_of(xml: str) -> list[str]:
    from xml.etree import ElementTree

    sources = ElementTree.fromstring(xml).findall("./devices/disk/source")
    return [source.get("file", "") for source in sources]


def without_claim(state: dict[str, Any]) -> dict[str, Any]:
    """Who runs it is not known to the descriptor where libvirt has started it by itself."""
    files = {
        name: {**content, "running_on": ""} if isinstance(content, dict) else content
        for name, content in state["files"].items()
    }
    return {**state, "files": files}


def test_data_come_back_with_the_image_that_wrote_them(tmp_path: Path) -> None:
    """A newer image that does not answer may have brought them to its own form already."""
    host = deployed(tmp_path, **with_newer_image())
    images, domains = images_of(host), domains_of(host)
    data = f"{PLACE}/data.qcow2"
    before = images.content[data]
    start = domains.start

    def migrate(name: str) -> None:
        start(name)
        domains.start = start  # type: ignore[method-assign]
        images.content[data] = b"of the newer version"

    domains.start = migrate  # type: ignore[method-assign]
    told = ApplianceProgress(step="database", state="failed", words="It cannot be read.")
    host.simulation.facts["appliance"] = {"lines": [progress_line(told)]}
    with pytest.raises(Failure, match="It cannot be read"):
        host.manager.upgrade(NEWER, WHO)
    assert images.content[data] == before
    assert f"{data}.previous" not in images.content
    status = host.manager.status()
    assert status.state == "running" and status.manager is not None
    assert status.manager["version"] == "0.1.0"


def test_what_an_earlier_start_has_told_does_not_speak_for_the_next_one(tmp_path: Path) -> None:
    host = deployed(tmp_path, **with_newer_image())
    host.manager.stop(WHO)
    told = ApplianceProgress(step="database", state="failed", words="It cannot be read.")
    host.simulation.facts["appliance"] = {"lines": [progress_line(told)]}
    host.manager.start(WHO)
    host.simulation.facts["appliance"] = {}
    host.manager.upgrade(NEWER, WHO)
    assert "It cannot be read" not in host.manager.console_text()


def test_while_a_move_is_half_done_nobody_starts_it_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = deployed(tmp_path)
    host.faults["remote.run"] = Fault("killed", at=5, times=1, kind="killed")
    with pytest.raises(Killed):
        host.manager.move("root@node2", FOLDER, False, WHO)
    host.faults.clear()
    monkeypatch.setattr("host.jobs._is_alive", lambda process: False)
    there = remote_of(host).manager
    assert there is not None and there["runs"]
    assert not power_cut(host)
    with pytest.raises(Failure, match="runs on node2"):
        host.manager.start(WHO)
    (job,) = [one.id for one in host.jobs() if one.state == "interrupted"]
    with pytest.raises(Failure, match="answers on node2 already") as refused:
        host.rollback(job, WHO)
    assert f"job resume {job}" in refused.value.remedy
    host.resume(job, WHO)
    assert host.manager.status().manager is None and remote_of(host).manager == there


def test_a_move_to_a_host_that_died_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = deployed(tmp_path)
    host.faults["remote.run"] = Fault("killed", at=5, times=1, kind="killed")
    with pytest.raises(Killed):
        host.manager.move("root@node2", FOLDER, False, WHO)
    monkeypatch.setattr("host.jobs._is_alive", lambda process: False)
    host.faults["remote.run"] = host.faults["remote.remove"] = "It cannot be reached."
    job = host.jobs()[0].id
    with pytest.raises(Failure, match="cannot be reached"):
        host.rollback(job, WHO)
    host.manager.start(WHO, "node2")
    assert host.rollback(job, WHO).state == "rolled back"
    status = host.manager.status()
    assert status.state == "running" and status.job is None


def test_a_folder_that_both_hosts_see_is_not_copied_onto_itself(tmp_path: Path) -> None:
    host = deployed(tmp_path)
    before = settled(host)
    remote_of(host).received = images_of(host).content  # type: ignore[assignment]
    with pytest.raises(Failure, match="sees the same folder"):
        host.manager.move("root@node2", FOLDER, False, WHO)
    remote_of(host).received = {}
    assert settled(host) == before


@pytest.mark.parametrize("live", [False, True])
def test_a_move_to_this_very_host_is_refused(tmp_path: Path, live: bool) -> None:
    shared = {PLACE: {"shared": True}}
    host = deployed(tmp_path, storage_trials=shared, remote_answers={"hostname": "node1\n"})
    before = settled(host)
    with pytest.raises(Failure, match="is called node1, as this host is"):
        host.manager.move("root@localhost", FOLDER, live, WHO)
    assert settled(host) == before


def test_another_manager_over_there_is_not_written_over(tmp_path: Path) -> None:
    host = deployed(tmp_path)
    kept = json.loads(images_of(host).content[f"{PLACE}/flexvdi-manager.json"])  # type: ignore[arg-type]
    other = json.dumps({**kept, "id": "another"}).encode()
    remote_of(host).received[f"{PLACE}/flexvdi-manager.json"] = other
    with pytest.raises(Failure, match="another Manager lies in"):
        host.manager.move("root@node2", FOLDER, False, WHO)
    assert remote_of(host).received == {f"{PLACE}/flexvdi-manager.json": other}


def test_while_another_process_is_at_work_it_is_not_started_or_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = deployed(tmp_path, **with_newer_image())
    host.faults["images.rename"] = Fault("killed", kind="killed")
    with pytest.raises(Killed):
        host.manager.upgrade(NEWER, WHO)
    host.faults.clear()
    monkeypatch.setattr("host.jobs._is_alive", lambda process: True)
    for call in (
        lambda: host.manager.start(WHO),
        lambda: host.manager.release(WHO),
        lambda: host.manager.remove("flexvdi-manager", WHO),
        lambda: host.manager.adopt(PLACE, WHO),
        lambda: host.manager.upgrade(NEWER, WHO),
    ):
        with pytest.raises(Failure, match="is at work on the Manager"):
            call()


def test_a_job_that_has_ended_is_not_gone_on_with(tmp_path: Path) -> None:
    host = deployed(tmp_path, **with_newer_image())
    host.manager.upgrade(NEWER, WHO)
    with pytest.raises(Failure, match="nothing of it is left"):
        host.resume(host.jobs()[0].id, WHO)


def test_a_restored_manager_may_have_another_authority(tmp_path: Path) -> None:
    """As where the backup of a lost one is put into one that was newly deployed."""
    host = deployed(tmp_path, agent=AGENT)
    host.manager.backup(WHO)
    kept = in_folder(host.machine, PLACE)
    assert kept is not None
    newly = kept.descriptor.changed(fingerprint="00" * 32)
    keep(host.machine, kept.model_copy(update={"descriptor": newly}))
    host.manager.restore(host.manager.backups()[0], WHO)
    now = in_folder(host.machine, PLACE)
    assert now is not None and now.descriptor.fingerprint == FINGERPRINT
