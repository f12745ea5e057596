"""A Manager that is there: started once only, exported, imported, moved, upgraded, backed up.

Work that takes several steps is failed at every call of a port: everything is as it was before.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from foundation.failure import Failure
from host.backends.simulated.backend import SimulatedHost
from host.deployment.descriptor import in_folder, keep
from host.deployment.running import checks_of_host
from tests.unit.deployment.lab import (
    AGENT,
    FOLDER,
    IMAGE,
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

_CONFIG = ("flexvdi-config", "manager")


@pytest.fixture
def host(tmp_path: Path) -> SimulatedHost:
    return deployed(tmp_path)


def described(host: SimulatedHost) -> dict[str, Any]:
    manager = host.manager.status().manager
    assert manager is not None
    return manager


def put_descriptor(host: SimulatedHost, **values: object) -> None:
    kept = in_folder(host.machine, PLACE)
    assert kept is not None
    keep(host.machine, kept.model_copy(update={"descriptor": kept.descriptor.changed(**values)}))


def test_stopping_and_starting_is_kept_in_the_descriptor(host: SimulatedHost) -> None:
    host.manager.stop(WHO)
    assert described(host)["running_on"] == "" and host.manager.status().state == "shut off"
    host.manager.start(WHO)
    manager = described(host)
    assert manager["running_on"] == "node1" and manager["epoch"] == 2
    host.manager.start(WHO)  # it runs: nothing is to be done
    assert described(host)["epoch"] == 2
    host.manager.force_off(WHO)
    assert host.manager.status().checks[0].remedy


def test_a_system_that_does_not_listen_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = deployed(tmp_path, appliance={"deaf": True})
    monkeypatch.setattr("host.deployment.running._STOPPING", 0.0)
    from host.deployment.running import stop

    with pytest.raises(Failure, match="did not shut down"):
        stop(host.machine, "node1", 0.0)
    assert described(host)["running_on"] == "node1"


def test_what_another_host_runs_is_not_started_without_its_name(host: SimulatedHost) -> None:
    host.manager.force_off(WHO)
    put_descriptor(host, running_on="node2")
    for believed in ("", "node3"):
        with pytest.raises(Failure, match="runs on node2"):
            host.manager.start(WHO, believed)
    assert domains_of(host).known["flexvdi-manager"].domain.state == "shut off"
    host.manager.start(WHO, "node2")
    assert described(host)["running_on"] == "node1"


def test_a_start_that_fails_leaves_no_claim(host: SimulatedHost) -> None:
    host.manager.stop(WHO)
    host.faults["domains.start"] = "The disk is in use."
    with pytest.raises(Failure, match="in use"):
        host.manager.start(WHO)
    assert described(host)["running_on"] == ""


def test_a_released_manager_is_found_and_adopted_again(host: SimulatedHost) -> None:
    with pytest.raises(Failure, match="Stop it first"):
        host.manager.release(WHO)
    host.manager.stop(WHO)
    host.manager.release(WHO)
    assert host.manager.status().manager is None
    host.simulation.facts.pop("storage", None)
    document = host.document()
    assert document is not None
    images_of(host).content["/var/lib/libvirt/images/x/flexvdi-manager.json"] = b"{torn"
    host.manager.adopt(PLACE, WHO)
    assert described(host)["name"] == "flexvdi-manager"
    (found,) = host.manager.found()
    assert found.known and found.folder == PLACE
    host.manager.start(WHO)
    with pytest.raises(Failure, match=r"no flexvdi-manager\.json"):
        host.manager.adopt("/srv", WHO)


def test_storage_that_is_away_leaves_what_the_host_knows(host: SimulatedHost) -> None:
    for name in images_of(host).entries(PLACE):
        del images_of(host).content[f"{PLACE}/{name}"]
    status = host.manager.status()
    assert status.manager is not None and status.manager["address"] == "10.0.4.50/24"
    assert "lacks system.qcow2" in next(c.reason for c in status.checks if c.name == "Disks")


def test_a_silent_server_leaves_what_the_host_knows_and_says_so(host: SimulatedHost) -> None:
    images_of(host).away.add(FOLDER)
    status = host.manager.status()
    assert status.manager is not None and status.manager["address"] == "10.0.4.50/24"
    disks = next(check for check in status.checks if check.name == "Disks")
    assert disks.state == "failed" and "does not answer" in disks.reason
    assert checks_of_host(host.machine, "node1")[0].state == "ok", "its guest waits, but is there"
    assert [found.known for found in host.manager.found()] == [True]


def test_removing_needs_the_name_and_leaves_nothing(host: SimulatedHost) -> None:
    host.manager.stop(WHO)
    with pytest.raises(Failure, match="not confirmed"):
        host.manager.remove("manager", WHO)
    host.manager.remove("flexvdi-manager", WHO)
    assert not images_of(host).entries(FOLDER) and not domains_of(host).known
    assert host.manager.status().manager is None


def test_an_export_comes_back_as_it_was(host: SimulatedHost) -> None:
    with pytest.raises(Failure, match="Stop it first"):
        host.manager.export("/var/tmp", WHO)
    host.manager.stop(WHO)
    before = described(host)
    path = host.manager.export("/var/tmp/m.tar", WHO)
    assert path == "/var/tmp/m.tar"
    host.manager.remove("flexvdi-manager", WHO)
    host.manager.import_from(path, "/srv/other", WHO)
    after = described(host)
    assert after == {**before, "epoch": before["epoch"] + 1, "running_on": ""}
    assert host.manager.status().folder == "/srv/other/flexvdi-manager"
    host.manager.start(WHO)


def test_a_damaged_export_leaves_nothing_behind(host: SimulatedHost) -> None:
    host.manager.stop(WHO)
    host.manager.export("/var/tmp/m.tar", WHO)
    host.manager.remove("flexvdi-manager", WHO)
    before = state_of(host)
    archive = images_of(host).content["/var/tmp/m.tar"]
    assert isinstance(archive, dict)
    original = dict(archive)
    archive["data.qcow2"] = b"other"
    with pytest.raises(Failure, match=r"data\.qcow2 is not as it was exported"):
        host.manager.import_from("/var/tmp/m.tar", FOLDER, WHO)
    archive.update(original)
    assert state_of(host) == before
    for sums, said in (("{}", "no export"), ('{"format": 9}', "format")):
        archive["export.json"] = sums.encode()
        with pytest.raises(Failure, match=said):
            host.manager.import_from("/var/tmp/m.tar", FOLDER, WHO)
    archive["export.json"] = json.dumps({"format": 1, "sha256": {"../x": "0"}}).encode()
    with pytest.raises(Failure, match="damaged"):
        host.manager.import_from("/var/tmp/m.tar", FOLDER, WHO)


def test_an_upgrade_keeps_the_data_and_the_old_image_for_a_while(tmp_path: Path) -> None:
    host = deployed(tmp_path, **with_newer_image())
    data = images_of(host).content[f"{PLACE}/data.qcow2"]
    host.manager.upgrade(NEWER, WHO)
    assert described(host)["version"] == "0.2.0" and host.manager.status().state == "running"
    assert images_of(host).content[f"{PLACE}/data.qcow2"] is data
    assert images_of(host).digest(f"{PLACE}/system.qcow2", lambda d, t: None) == "cd" * 32
    assert "system.qcow2.previous" in images_of(host).entries(PLACE)
    with pytest.raises(Failure, match="older one"):
        host.manager.upgrade(IMAGE, WHO)


def test_a_manager_that_works_with_a_worry_is_there(host: SimulatedHost) -> None:
    worried = {"status": "degraded", "works": True, "reasons": ("node7 was not told",)}
    host.simulation.facts["appliance"] = {"health": worried}
    host.manager.change_address("10.0.4.60/24", "10.0.4.1", (), WHO)
    checks = {check.name: check for check in host.manager.status().checks}
    assert checks["API"].state == "warning" and "node7" in checks["API"].reason
    host.simulation.facts["appliance"] = {"health": {**worried, "works": False}}
    checks = {check.name: check for check in host.manager.status().checks}
    assert checks["API"].state == "failed"


def test_a_changed_address_is_told_at_the_next_start(host: SimulatedHost) -> None:
    host.manager.change_address("10.0.4.60/24", "10.0.4.1", (), WHO)
    manager = described(host)
    assert manager["address"] == "10.0.4.60/24" and manager["instance"] == 2
    seed = images_of(host).content[f"{PLACE}/seed.iso"]
    assert isinstance(seed, bytes) and b"10.0.4.60/24" in seed and b"10.0.4.50" not in seed
    with pytest.raises(Failure, match="already"):
        host.manager.change_address("10.0.4.60/24", "10.0.4.1", (), WHO)


@pytest.mark.parametrize(
    ("status", "note"),
    [
        ({"out-data": b'{"untold": []}'}, "All of them know it."),
        ({"out-data": b'{"untold": ["node7", "node8"]}'}, "away: node7, node8. Afterwards give"),
        ({"out-data": b"{}"}, "could not be told: It did not say whom it told."),
        ({"exitcode": 2, "err-data": b"invalid choice"}, "could not be told: In the Manager's"),
    ],
)
def test_hosts_are_told_before_an_address_changes_and_nothing_fails_by_that(
    tmp_path: Path, status: dict[str, Any], note: str
) -> None:
    encoded = {
        name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for name, value in status.items()
    }
    answers = {**AGENT, "guest-exec-status": {"exited": True, "exitcode": 0, **encoded}}
    host, notes = deployed(tmp_path, agent=answers), []
    host.manager.change_address(
        "10.0.4.60/24", "10.0.4.1", (), WHO, lambda event: notes.append(event.note)
    )
    assert described(host)["address"] == "10.0.4.60/24"
    assert [said for said in notes if note in said]


def test_this_hosts_agent_follows_a_changed_address(host: SimulatedHost) -> None:
    host.manager.change_address("10.0.4.60/24", "10.0.4.1", (), WHO)
    assert host.joining.followed == "10.0.4.60"


def test_an_agent_that_cannot_follow_takes_nothing_back(host: SimulatedHost) -> None:
    host.faults["joining.follow"] = "Another Manager answers."
    host.manager.change_address("10.0.4.60/24", "10.0.4.1", (), WHO)
    assert described(host)["address"] == "10.0.4.60/24"


def test_a_move_gives_nothing_up_before_the_other_host_has_it(tmp_path: Path) -> None:
    host = deployed(tmp_path, agent=AGENT)
    host.manager.backup(WHO)
    (backup,) = host.manager.backups()
    there = "/srv/there/flexvdi-manager"
    host.manager.move("root@node2", "/srv/there", False, WHO)
    names = {path.removeprefix(f"{there}/") for path in remote_of(host).received}
    assert names == {
        *("system.qcow2", "data.qcow2", "seed.iso", "flexvdi-manager.json"),
        f"backups/{backup}",
    }
    told = [words[3] for words in remote_of(host).told if words[1:3] == _CONFIG]
    assert told == ["adopt", "start"]
    assert host.manager.status().manager is None and not images_of(host).entries(FOLDER)


def test_a_move_to_a_host_that_has_one_changes_nothing(host: SimulatedHost) -> None:
    remote_of(host).manager = {"id": "another", "runs": True}
    with pytest.raises(Failure, match="already has a Manager"):
        host.manager.move("root@node2", FOLDER, False, WHO)
    assert host.manager.status().state == "running"


def test_a_live_move_needs_shared_storage_and_hands_over(tmp_path: Path) -> None:
    host = deployed(tmp_path)
    with pytest.raises(Failure, match="not on storage"):
        host.manager.move("root@node2", "", True, WHO)
    host.simulation.facts["storage_trials"] = {PLACE: {"shared": True}}
    with pytest.raises(Failure, match=r"does not see /srv/images"):
        host.manager.move("root@node2", "", True, WHO)
    seen = f"{PLACE}/flexvdi-manager.json"
    remote_of(host).received[seen] = images_of(host).content[seen]
    host.manager.move("root@node2", "", True, WHO)
    kept = in_folder(host.machine, PLACE)
    assert kept is not None and kept.descriptor.running_on == "node2"
    assert host.manager.status().manager is None


def test_backups_are_fetched_kept_and_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = deployed(tmp_path, agent=AGENT)
    monkeypatch.setattr("host.deployment.backups.KEPT_BACKUPS", 2)
    for number in range(3):
        images_of(host).content[f"{PLACE}/backups/2020010{number}-000000-0.1.0.backup"] = b"old"
    path = host.manager.backup(WHO)
    assert images_of(host).read(path) == b"state"
    names = host.manager.backups()
    assert len(names) == 2 and path.endswith(names[0])
    host.manager.restore(names[0], WHO)
    with pytest.raises(Failure, match="no backup"):
        host.manager.restore("x", WHO)


def test_what_fails_inside_of_the_guest_says_so(tmp_path: Path) -> None:
    said = base64.b64encode(b"trace\nThe disk is full.\n").decode()
    status = {"exited": True, "exitcode": 1, "err-data": said}
    host = deployed(tmp_path, agent={**AGENT, "guest-exec-status": status})
    with pytest.raises(Failure, match="The disk is full"):
        host.manager.backup(WHO)
    host.manager.stop(WHO)
    with pytest.raises(Failure, match="does not run here"):
        host.manager.backup(WHO)


def test_a_backup_is_due_once_in_its_hour(tmp_path: Path) -> None:
    import time

    host = deployed(tmp_path, agent=AGENT)
    assert host.manager.backup_if_due(WHO) is None
    host.manager.set_backup_hour(time.localtime().tm_hour, WHO)
    assert host.manager.backup_if_due(WHO) is not None
    assert host.manager.backup_if_due(WHO) is None
    host.manager.set_backup_hour(None, WHO)
    assert described(host)["backup_hour"] is None


def test_managers_are_found_on_whatever_is_mounted(tmp_path: Path) -> None:
    storage = {
        "mounts": [{"kind": "directory", "name": "other", "path": "/srv/other", "purpose": "other"}]
    }
    identity = {"hostname": "node1"}
    host = deployed(tmp_path, document={"version": 1, "identity": identity, "storage": storage})
    content = images_of(host).content
    content["/srv/other/old/flexvdi-manager.json"] = content[f"{PLACE}/flexvdi-manager.json"]
    assert [one.folder for one in host.manager.found()] == ["/srv/other/old", PLACE]


def test_the_status_of_a_host_tells_how_its_manager_is(host: SimulatedHost) -> None:
    def checks() -> list[tuple[str, str]]:
        return [(one.state, one.reason) for one in checks_of_host(host.machine, "node1")]

    assert checks() == [("ok", "https://10.0.4.50: It runs: it was started.")]
    host.manager.force_off(WHO)
    assert checks()[0][0] == "warning"
    host.faults["domains.find"] = "libvirt does not answer."
    assert checks() == [("unknown", "libvirt does not answer.")]
    host.faults.clear()
    host.manager.remove("flexvdi-manager", WHO)
    assert checks() == []
