"""What a kickstart asks for is deployed at the first boot, goes on after a failure, and ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from foundation.failure import Failure
from host.backends.simulated.backend import SimulatedHost
from host.backends.simulated.simulation import Fault, Killed
from host.deployment.unattended import REPORT_FILE
from host.document.deployment import REQUEST_FILE, read_unattended
from host.document.system_files import FileContent
from tests.unit.deployment.lab import HASH, WHO, host_of

ASKED = {"address": "10.0.4.50/24", "password_hash": HASH.reveal()}


def asked_of(folder: Path, values: dict[str, Any] | None = None, **facts: Any) -> SimulatedHost:
    host = host_of(folder, **facts)
    text = json.dumps(values if values is not None else ASKED)
    host.machine.files.put(REQUEST_FILE, FileContent(text, 0o600))
    host.simulation.changes_made.clear()
    return host


def report_of(host: SimulatedHost) -> dict[str, str]:
    content = host.machine.files.read(REPORT_FILE)
    assert content is not None
    report: dict[str, str] = json.loads(content.text)
    return report


def test_it_is_deployed_with_what_the_host_suggests_and_the_request_is_gone(
    tmp_path: Path,
) -> None:
    host = asked_of(tmp_path)
    result = host.manager.deploy_unattended(WHO)
    assert result is not None and result.address == "10.0.4.50"
    manager = host.manager.status().manager
    assert manager is not None
    assert (manager["bridge"], manager["gateway"]) == ("br-mgmt", "10.0.4.1")
    assert host.machine.files.read(REQUEST_FILE) is None
    assert report_of(host) == {"state": "done", "address": "10.0.4.50"}
    assert host.manager.deploy_unattended(WHO) is None


def test_a_failure_is_reported_and_the_next_try_goes_on(tmp_path: Path) -> None:
    host = asked_of(tmp_path)
    host.faults["images.copy"] = "The storage is away."
    for _try in range(2):
        with pytest.raises(Failure, match="The storage is away"):
            host.manager.deploy_unattended(WHO)
    assert report_of(host)["cause"] == "The storage is away."
    assert len(host.jobs()) == 1
    host.faults.clear()
    assert host.manager.deploy_unattended(WHO) is not None
    assert host.machine.files.read(REQUEST_FILE) is None


def test_warnings_are_accepted_only_where_the_kickstart_names_them(tmp_path: Path) -> None:
    host = asked_of(tmp_path, clock={"synchronised": False})
    with pytest.raises(Failure, match="clock"):
        host.manager.deploy_unattended(WHO)
    host = asked_of(tmp_path, {**ASKED, "acknowledge": ["clock"]}, clock={"synchronised": False})
    assert host.manager.deploy_unattended(WHO) is not None


@pytest.mark.parametrize("call", range(1, 21, 2))
def test_a_power_cut_at_any_moment_is_survived(
    tmp_path: Path, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = asked_of(tmp_path)
    host.faults["*"] = Fault("killed", at=call, times=1, kind="killed")
    try:
        host.manager.deploy_unattended(WHO)
    except Killed:
        monkeypatch.setattr("host.jobs._is_alive", lambda process: False)
        host.faults.clear()
        host.apply_at_boot()
        host.manager.deploy_unattended(WHO)
    assert host.manager.status().state == "running"
    assert host.machine.files.read(REQUEST_FILE) is None


def test_the_filesystem_that_the_installer_keeps_for_images_is_taken(tmp_path: Path) -> None:
    storage = {"mounted": {"/": "ext4", "/var": "xfs", "/var/lib/flexvdi/images": "xfs"}}
    host = asked_of(tmp_path, storage=storage)
    assert host.manager.deploy_unattended(WHO) is not None
    assert host.manager.status().folder == "/var/lib/flexvdi/images/flexvdi-manager"


def test_a_host_without_a_bridge_says_what_to_write(tmp_path: Path) -> None:
    host = asked_of(tmp_path, interfaces=[])
    with pytest.raises(Failure, match="no bridge"):
        host.manager.deploy_unattended(WHO)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"address": "10.0.4.50/24"}, "password_hash"),
        ({**ASKED, "password_hash": "$y$x"}, "argon2id"),
        ({**ASKED, "gateway": "10.0.5.1"}, "gateway"),
        ({**ASKED, "password": "x"}, "password"),
        ("text", "Manager"),
    ],
)
def test_what_makes_no_sense_is_refused(values: Any, said: str) -> None:
    with pytest.raises(Failure, match=said):
        read_unattended(values)
