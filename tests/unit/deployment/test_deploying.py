"""Deployments on a simulated host: to the end; failing and killed at every call; undone."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event

import pytest

from foundation.appliance_seed import ApplianceProgress, progress_line
from foundation.failure import Cancelled, Failure
from host.backends.simulated.backend import SimulatedHost
from host.backends.simulated.manager.domains import FINGERPRINT
from host.backends.simulated.simulation import Fault, Killed
from host.jobs import JobEvent
from tests.unit.deployment.lab import (
    HASH,
    IMAGE,
    PLACE,
    WHO,
    domains_of,
    host_of,
    images_of,
    request,
    state_of,
)


@pytest.fixture
def host(tmp_path: Path) -> SimulatedHost:
    return host_of(tmp_path)


def deploy(host: SimulatedHost) -> None:
    host.manager.deploy(host.manager.plan(request()), WHO)


def calls_of_a_deployment() -> int:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        host = host_of(Path(folder))
        deploy(host)
        return len(host.simulation.changes_made)


CALLS = range(1, calls_of_a_deployment() + 1)


def assert_deployed(host: SimulatedHost) -> None:
    status = host.manager.status()
    assert status.manager is not None and status.state == "running" and status.job is None
    assert {check.state for check in status.checks} == {"ok"}, status.checks
    assert status.manager["fingerprint"] == FINGERPRINT
    assert status.manager["running_on"] == "node1" and status.manager["epoch"] >= 1
    assert host.joining.joined == {FINGERPRINT}
    assert domains_of(host).known["flexvdi-manager"].domain.autostart
    names = set(images_of(host).entries(PLACE))
    assert names == {"system.qcow2", "data.qcow2", "seed.iso", "flexvdi-manager.json"}


def test_a_deployment_comes_to_its_end_and_says_how_far_it_is(host: SimulatedHost) -> None:
    events: list[JobEvent] = []
    result = host.manager.deploy(host.manager.plan(request()), WHO, events.append)
    assert result.job.state == "done" and result.address == "10.0.4.50"
    assert result.fingerprint == FINGERPRINT and not result.setup_secret
    assert_deployed(host)
    titles = list(dict.fromkeys(event.title for event in events if event.title))
    assert len(titles) == 10 and titles[0].startswith("Check the image")
    copied = [event for event in events if event.total_bytes]
    assert copied and copied[-1].done_bytes == copied[-1].total_bytes


def test_no_secret_is_left_behind(host: SimulatedHost) -> None:
    plan = host.manager.plan(request())
    host.manager.deploy(plan, WHO)
    left = repr(state_of(host)) + "".join(
        path.read_text() for path in host._jobs.directory.iterdir() if path.is_file()
    )
    for secret in (HASH, plan.join_token, plan.setup_secret):
        assert secret.reveal() not in left
    shown = json.dumps(plan.as_dict()) + repr(plan)
    for secret in (HASH, plan.join_token, plan.setup_secret):
        assert secret.reveal() not in shown
        assert secret.reveal() in "".join(plan.seed.values()) or secret is plan.setup_secret


def test_without_a_password_the_setup_is_left_to_a_person(tmp_path: Path) -> None:
    host = host_of(tmp_path, appliance={"health": {"setup_done": False}})
    plan = host.manager.plan(request(password_hash=None))
    result = host.manager.deploy(plan, WHO)
    assert result.setup_secret == plan.setup_secret and result.setup_secret
    assert plan.setup_secret.reveal() in plan.seed["user-data"]


@pytest.mark.parametrize("call", CALLS)
def test_what_fails_goes_on_after_the_cause_is_gone(host: SimulatedHost, call: int) -> None:
    plan = host.manager.plan(request())
    host.faults["*"] = Fault("The storage is away.", at=call, times=1)
    with pytest.raises(Failure, match="The storage is away"):
        host.manager.deploy(plan, WHO)
    host.faults.clear()
    known = host.manager.status().job
    assert known is not None and known.state == "failed"
    with pytest.raises(Failure, match="half done"):
        deploy(host)
    assert host.manager.retry(WHO).job.state == "done"
    assert_deployed(host)
    assert host.joining.joined == {FINGERPRINT}


@pytest.mark.parametrize("end", ["fails", "killed"])
@pytest.mark.parametrize("call", CALLS)
def test_whatever_ends_it_it_can_be_rolled_back_to_clean(
    host: SimulatedHost, call: int, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state_of(host)
    host.faults["*"] = Fault("gone", at=call, times=1, kind=end)  # type: ignore[arg-type]
    with pytest.raises((Failure, Killed)):
        deploy(host)
    host.faults.clear()
    monkeypatch.setattr("host.jobs._is_alive", lambda process: False)
    known = host.manager.status().job
    if known is None:  # it ended before anything was begun
        assert state_of(host) == before
        return
    assert host.rollback(known.id, WHO).state == "rolled back"
    assert state_of(host) == before
    assert host.manager.status().job is None
    deploy(host)
    assert_deployed(host)


@pytest.mark.parametrize("call", CALLS)
def test_killed_at_any_call_it_is_resumed(
    host: SimulatedHost, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.faults["*"] = Fault("killed", at=call, times=1, kind="killed")
    with pytest.raises(Killed):
        deploy(host)
    monkeypatch.setattr("host.jobs._is_alive", lambda process: False)
    host.faults.clear()
    host.apply_at_boot()  # a reboot leaves the deployment alone
    known = host.manager.status().job
    assert known is not None and known.state == "interrupted"
    assert host.resume(known.id, WHO) is not None
    assert_deployed(host)


@pytest.mark.parametrize("undone", [False, True], ids=["goes on", "is undone"])
def test_killed_in_any_write_it_is_resumed_or_undone(
    tmp_path: Path, undone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a file is beside its place then; in a folder that has nothing else, it is nobody's."""
    whole = host_of(tmp_path / "whole")
    deploy(whole)
    writes = whole.simulation.changes_made.count("images.write")
    monkeypatch.setattr("host.jobs._is_alive", lambda process: False)
    for write in range(1, writes + 1):
        host = host_of(tmp_path / str(write))
        before = state_of(host)
        host.faults["images.written"] = Fault("gone", at=write, times=1, kind="killed")
        with pytest.raises(Killed):
            deploy(host)
        host.faults.clear()
        known = host.manager.status().job
        assert known is not None and known.state == "interrupted", write
        if undone:
            assert host.rollback(known.id, WHO).state == "rolled back", write
            assert state_of(host) == before, write
        else:
            assert host.resume(known.id, WHO) is not None, write
            assert_deployed(host)


@pytest.mark.parametrize("call", CALLS[::2])
def test_killed_while_rolling_back_it_is_rolled_back_again(
    host: SimulatedHost, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state_of(host)
    host.faults["*"] = Fault("gone", at=CALLS[-1], times=1)
    with pytest.raises(Failure):
        deploy(host)
    monkeypatch.setattr("host.jobs._is_alive", lambda process: False)
    host.simulation.restart_counting()
    host.faults["*"] = Fault("killed", at=call, times=1, kind="killed")
    try:
        host.rollback("1", WHO)
    except Killed:
        host.faults.clear()
        host.rollback("1", WHO)
    host.faults.clear()
    assert state_of(host) == before


def test_the_host_can_be_changed_while_a_deployment_is_half_done(host: SimulatedHost) -> None:
    host.faults["images.copy"] = "The storage is away."
    with pytest.raises(Failure, match="The storage is away"):
        deploy(host)
    host.faults.clear()
    document = host.document()
    other = document.replacing(identity=document.identity.model_copy(update={"hostname": "node2"}))
    assert host.apply(other, WHO) is not None


def test_an_appliance_that_fails_says_why(tmp_path: Path) -> None:
    said = ApplianceProgress(
        step="database", state="failed", words="The data are newer.", remedy="Take a newer image."
    )
    host = host_of(tmp_path, appliance={"lines": ["boot", progress_line(said)]})
    with pytest.raises(Failure, match=r"database.*The data are newer") as failed:
        deploy(host)
    assert failed.value.remedy == "Take a newer image." and "boot" in failed.value.details


def test_another_manager_at_the_address_is_not_taken_for_ours(tmp_path: Path) -> None:
    said = ApplianceProgress(step="ready", state="ready", fingerprint="00" * 32)
    host = host_of(tmp_path, appliance={"lines": [progress_line(said)]})
    with pytest.raises(Failure, match="Another Manager"):
        deploy(host)


def test_waiting_can_be_cancelled_and_gone_on_with(tmp_path: Path) -> None:
    host = host_of(tmp_path, appliance={"lines": ["\x1b[H\x1b[J\x1b[1;1HLoading \x1b[1mkernel"]})
    cancel = Event()
    notes: list[str] = []

    def heard(event: JobEvent) -> None:
        if event.note:
            notes.append(event.note)
            cancel.set()

    with pytest.raises(Cancelled):
        host.manager.deploy(host.manager.plan(request()), WHO, heard, cancel)
    assert notes == ["Loading kernel"]
    assert host.jobs()[0].state == "cancelled"
    host.simulation.facts["appliance"] = {}
    domains_of(host).force_off("flexvdi-manager")
    host.manager.retry(WHO)
    status = host.manager.status()
    assert status.manager is not None and status.manager["epoch"] >= 2


def test_an_image_that_was_damaged_after_preflight_is_not_used(host: SimulatedHost) -> None:
    plan = host.manager.plan(request())
    from dataclasses import replace

    found = images_of(host).content[f"{IMAGE}/manager.qcow2"]
    images_of(host).content[f"{IMAGE}/manager.qcow2"] = replace(found, digest="cd" * 32)  # type: ignore[type-var]
    with pytest.raises(Failure, match="damaged"):
        host.manager.deploy(plan, WHO)
    assert not images_of(host).entries(PLACE)


def test_killed_before_its_first_step_it_still_goes_on_or_leaves_no_secret(
    host: SimulatedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.faults["images.info"] = Fault("killed", at=3, times=1, kind="killed")
    with pytest.raises(Killed):
        deploy(host)
    monkeypatch.setattr("host.jobs._is_alive", lambda process: False)
    host.faults.clear()
    known = host.manager.status().job
    assert known is not None and not host._jobs.captured(known.id)
    host.rollback(known.id, WHO)
    assert not list(host._jobs.directory.glob("*.kept"))
