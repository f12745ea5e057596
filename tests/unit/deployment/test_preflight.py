"""What preflight finds, each with its state, what was measured, and a remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from foundation.failure import Failure
from host.deployment.preflight_check import Preflight
from tests.unit.deployment.lab import (
    FOLDER,
    IMAGE,
    PLACE,
    WHO,
    host_of,
    manifest,
    request,
    state_of,
)

BRIDGE = {"name": "br-mgmt", "kind": "bridge", "mac": "52:54:00:12:34:56", "link": True}


def checks_of(folder: Path, asked: dict[str, Any], **facts: Any) -> dict[str, Preflight]:
    host = host_of(folder, **facts)
    before = state_of(host)
    found = {check.name: check for check in host.manager.preflight(request(**asked))}
    assert state_of(host) == before
    return found


def test_a_host_that_is_fit_has_nothing_to_say(tmp_path: Path) -> None:
    found = checks_of(tmp_path, {})
    assert {check.state for check in found.values()} == {"ok"}, found
    assert set(found) == {
        "virtualization", "guest", "manager", "processors", "memory", "clock", "versions",
        "bridge", "subnet", "address", "gateway", "name", "dns",
        "image", "folder", "space", "speed", "locking",
    }  # fmt: skip


TRIALS: list[tuple[str, str, str, dict[str, Any], dict[str, Any]]] = [
    ("virtualization", "warning", "slow", {}, {
        "virtualization": {"accelerator": "tcg", "reason": "Guests are emulated and slow."}}),
    ("virtualization", "failed", "No guest", {}, {
        "virtualization": {"accelerator": None, "reason": "No guest starts."}}),
    ("guest", "failed", "already has", {}, {"other_guests": {"flexvdi-manager": "shut off"}}),
    ("processors", "warning", "16", {"vcpus": 32}, {}),
    ("folder", "failed", "does not answer", {}, {"storage_away": ["/srv/images"]}),
    ("memory", "failed", "at least 2048", {"memory": 1024}, {}),
    ("memory", "failed", "1024 of", {}, {"capacity": {"memory": [4, 1]}}),
    ("memory", "warning", "2560 of", {}, {"capacity": {"memory": [4, 2.5]}}),
    ("clock", "warning", "does not follow", {}, {"clock": {"synchronised": False}}),
    ("versions", "warning", "2.0.0", {}, {
        "texts": {f"{IMAGE}/manager-image.json": manifest(version="2.0.0")}}),
    ("bridge", "failed", "does not exist", {"bridge": "br0"}, {}),
    ("bridge", "warning", "no link", {}, {
        "interfaces": [{**BRIDGE, "link": False, "addresses": ["10.0.4.13/24"]}]}),
    ("subnet", "failed", "own address", {"address": "10.0.4.13/24"}, {}),
    ("subnet", "warning", "prefix length 24", {"address": "10.0.4.50/16"}, {}),
    ("subnet", "warning", "no subnet", {"address": "10.0.9.50/24", "gateway": "10.0.9.1"}, {}),
    ("address", "failed", "in use by 52:54", {}, {"claimed": {"10.0.4.50": "52:54:00:00:00:09"}}),
    ("gateway", "warning", "no gateway", {"gateway": None}, {}),
    ("gateway", "warning", "does not answer", {}, {"answering": ["10.0.4.2"]}),
    ("name", "warning", "not in DNS", {"hostname": "manager.example"}, {}),
    ("name", "failed", "10.0.4.51", {"hostname": "manager.example"}, {
        "names": {"manager.example": ["10.0.4.51"]}}),
    ("name", "warning", "reverse", {"hostname": "manager.example"}, {
        "names": {"manager.example": ["10.0.4.50"]}}),
    ("name", "ok", "both ways", {"hostname": "manager.example"}, {
        "names": {"manager.example": ["10.0.4.50"]},
        "reverse": {"10.0.4.50": ["manager.example"]}}),
    ("dns", "warning", "no DNS", {"dns": ()}, {}),
    ("dns", "warning", "10.0.4.2", {}, {"answering": ["10.0.4.1"]}),
    ("image", "failed", "is missing", {}, {"texts": {}}),
    ("image", "failed", "is missing", {}, {"images": {}}),
    ("image", "failed", "damaged", {}, {
        "texts": {f"{IMAGE}/manager-image.json": manifest(sha256="00")}}),
    ("image", "failed", "does not know", {}, {
        "texts": {f"{IMAGE}/manager-image.json": manifest(format=2)}}),
    ("image", "failed", "no manifest", {}, {"texts": {f"{IMAGE}/manager-image.json": "{}"}}),
    ("folder", "failed", "already holds a Manager", {}, {
        "texts": {f"{PLACE}/flexvdi-manager.json": "{}"}}),
    ("folder", "failed", "already holds other", {}, {"texts": {f"{PLACE}/x": "x"}}),
    ("folder", "failed", "No space", {}, {
        "storage_trials": {FOLDER: {"failed": "No space left on device"}}}),
    ("space", "failed", "1.0 GiB are free", {}, {"storage_trials": {FOLDER: {"free": 1 << 30}}}),
    ("space", "warning", "full data disk", {}, {"storage_trials": {FOLDER: {"free": 5 << 30}}}),
    ("speed", "warning", "50.0 ms", {}, {"storage_trials": {FOLDER: {"fsync_seconds": 0.05}}}),
    ("speed", "failed", "900.0 ms", {}, {"storage_trials": {FOLDER: {"fsync_seconds": 0.9}}}),
    ("locking", "failed", "two hosts", {}, {
        "storage_trials": {FOLDER: {"locks": False, "shared": True}}}),
    ("locking", "warning", "do not hold", {}, {"storage_trials": {FOLDER: {"locks": False}}}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "state", "said", "asked", "facts"), TRIALS)
def test_what_is_wrong_is_said_with_its_remedy(
    tmp_path: Path, name: str, state: str, said: str, asked: dict[str, Any], facts: dict[str, Any]
) -> None:
    check = checks_of(tmp_path, asked, **facts)[name]
    assert check.state == state and said in check.measured, check
    assert bool(check.remedy) == (state != "ok")


def test_a_check_that_cannot_look_says_so(tmp_path: Path) -> None:
    found = checks_of(tmp_path, {}, faults={"domains.find": "libvirt does not answer."})
    assert found["guest"].state == "unknown" and "libvirt" in found["guest"].measured


def test_warnings_must_be_acknowledged_by_name_and_are_kept(tmp_path: Path) -> None:
    host = host_of(tmp_path, clock={"synchronised": False})
    plan = host.manager.plan(request())
    with pytest.raises(Failure, match="clock") as refused:
        host.manager.deploy(plan, WHO)
    assert "--acknowledge clock" in refused.value.remedy and not host.jobs()
    result = host.manager.deploy(plan, WHO, acknowledge=("clock",))
    entries = host._jobs.journal(result.job.id).entries()
    assert [entry["names"] for entry in entries if entry["kind"] == "acknowledged"] == [["clock"]]


def test_a_failed_check_cannot_be_acknowledged(tmp_path: Path) -> None:
    host = host_of(tmp_path, claimed={"10.0.4.50": "52:54:00:00:00:09"})
    with pytest.raises(Failure, match="in use"):
        host.manager.deploy(host.manager.plan(request()), WHO, acknowledge=("address",))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"address": "10.0.4.50"}, "address: write it with its prefix"),
        ({"address": "10.0.4.0/24"}, "address of a network"),
        ({"address": "x/24"}, "address"),
        ({"gateway": "10.0.5.1"}, "gateway: it is not inside"),
        ({"gateway": "10.0.4.50"}, "own address"),
        ({"dns": ("a",)}, "dns"),
        ({"folder": "images"}, "folder"),
        ({"folder": "/srv/../etc"}, "folder"),
        ({"name": "Über"}, "name"),
        ({"hostname": "a_b"}, "hostname"),
        ({"memory": 1}, "memory"),
        ({"administrator": "A"}, "administrator"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_by_field(
    asked: dict[str, Any], said: str
) -> None:
    with pytest.raises(Failure, match=said):
        request(**asked)
