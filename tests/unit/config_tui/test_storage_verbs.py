"""The verbs of storage on a simulated host: words, JSON, exit codes, and secrets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from config_tui.command_line import make_parser
from foundation.failure import Failure
from host.backends.simulated.backend import SimulatedHost
from host.document.storage import NFSMount
from tests.unit.host.storage_lab import EMPTY_DISK, FULL_DISK, NODE, SECRET, TARGET, Ports


@pytest.fixture
def host() -> SimulatedHost:
    return SimulatedHost(NODE)


def call(host: SimulatedHost, *words: str) -> None:
    options = make_parser().parse_args(words)
    assert options.run(host, options) == 0


def answer(host: SimulatedHost, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    call(host, *words, "--json")
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("disks show --smart", "8 sectors cannot be read"),
        ("disks smart sdb", "health warning"),
        ("disks rescan", "New: sdd"),
        ("adapters", "10:00:00:10:9b:1d:2a:01"),
        ("iscsi show", "No sessions"),
        ("iscsi discover 10.0.5.1", "10.0.6.1:3260"),
        ("multipath show", "No multipath devices"),
        ("mounts show", "no mounts"),
        ("mounts test nas.lab:/export/images", "can be written to"),
        ("nfs exports nas.lab", "/export/isos"),
        ("volumes show", "flexvdi/root"),
        ("media show", "No ISO images"),
        ("media pools", "No storage pools"),
    ],
)
def test_looking_in_words_and_in_json(
    host: SimulatedHost, capsys: pytest.CaptureFixture[str], words: str, said: str
) -> None:
    call(host, *words.split())
    assert said in capsys.readouterr().out
    answer(SimulatedHost(NODE), capsys, *words.split())


def test_a_target_with_two_paths_and_a_secret_from_a_file(
    host: SimulatedHost, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    portals = ["--portal", "10.0.5.1", "--portal", "10.0.6.1:3260"]
    chap = ["--chap-user", "host3", "--chap-secret-file", str(file)]
    call(host, "multipath", "enable", "--yes")
    call(host, "iscsi", "add", TARGET, *portals, *chap, "--yes")
    call(host, "iscsi", "show")
    call(host, "multipath", "show")
    shown = capsys.readouterr()
    assert "2 of 2 paths work" in shown.out and SECRET not in shown.out + shown.err
    host.machine.storage.iscsi.portals["10.0.6.1:3260"]["silent"] = True  # type: ignore[attr-defined]
    devices = answer(host, capsys, "multipath", "show")
    assert sorted(path["state"] for path in devices[0]["paths"]) == ["active", "failed"]
    checks = {check.name: check for check in host.storage.checks()}
    assert checks["Multipath"].state == "warning" and "1 of 2 paths" in checks["Multipath"].reason
    assert checks["iSCSI"].state == "warning" and "10.0.6.1" in checks["iSCSI"].reason
    call(host, "iscsi", "remove", TARGET, "--yes")
    assert answer(host, capsys, "iscsi", "show")["sessions"] == []


def test_a_mount_from_trying_to_removing(
    host: SimulatedHost, capsys: pytest.CaptureFixture[str]
) -> None:
    add = "mounts add-nfs isos /srv/isos nas.lab:/export/isos --purpose media-storage --read-only"
    call(host, *add.split(), "--yes")
    mount = host.document().storage.mounts[0]
    assert isinstance(mount, NFSMount) and mount.read_only
    assert answer(host, capsys, "mounts", "show")[0]["state"] == "mounted"
    assert [file["name"] for file in answer(host, capsys, "media", "show")] == [
        "debian-12.7.0-amd64-netinst.iso",
        "win11.iso",
    ]
    call(host, "mounts", "unmount", "isos")
    assert answer(host, capsys, "mounts", "show")[0]["state"] == "not mounted"
    call(host, "mounts", "mount", "isos")
    host.machine.storage.mounts.servers["nas.lab"]["silent"] = True  # type: ignore[attr-defined]
    assert answer(host, capsys, "mounts", "show")[0]["state"] == "stale"
    call(host, "mounts", "show")
    assert "! isos" in capsys.readouterr().out
    call(host, "mounts", "remove", "isos", "--yes")
    assert host.document().storage.mounts == () and Ports(host).pools.known == {}


def test_volumes_from_a_disk_to_nothing(
    host: SimulatedHost, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Failure, match="erase"):
        call(host, "volumes", "create-group", "data", FULL_DISK, "--yes")
    call(host, "volumes", "create-group", "data", EMPTY_DISK, "--yes")
    create = "volumes create data images --size 500GiB --filesystem xfs --path /srv/local --yes"
    call(host, *create.split())
    call(host, "volumes", "extend", "data/images", "600 GiB", "--yes")
    volume = answer(host, capsys, "volumes", "show")[1]["volumes"][0]
    assert (volume["size"], volume["filesystem"]) == (600 << 30, "xfs")
    with pytest.raises(Failure, match="still has the volume"):
        call(host, "volumes", "remove", "data/images", "--erase", "data/images")
    call(host, "volumes", "forget", "data", "--yes")
    for erase in ([], ["--erase", "data"]):
        with pytest.raises(Failure, match="not confirmed"):
            call(host, "volumes", "remove", "data/images", *erase)
    call(host, "volumes", "remove", "data/images", "--erase", "data/images")
    call(host, "volumes", "remove-group", "data", "--erase", "data")
    assert [group["name"] for group in answer(host, capsys, "volumes", "show")] == ["flexvdi"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("iscsi add disk --portal 10.0.5.1 --yes", "not an iSCSI name"),
        (f"iscsi add {TARGET} --portal 10.0.5.300 --yes", "not an IPv4 address"),
        (f"iscsi add {TARGET} --portal a --chap-user x --yes", "needs a user name and a secret"),
        ("iscsi discover 10.0.5.2", "does not answer"),
        ("iscsi discover nonsense:x", "not a port"),
        ("iscsi remove iqn.2026-01.a:b --yes", "has no target"),
        ("iscsi login iqn.2026-01.a:b", "has no target"),
        ("iscsi logout iqn.2026-01.a:b", "no session"),
        ("mounts add-nfs a /srv/a nas.lab --yes", "not an NFS export"),
        ("mounts add-nfs a /srv/a nas.lab:/gone --yes", "no longer exports"),
        ("mounts mount nothing", "has no mount nothing"),
        ("nfs exports away.lab", "does not answer"),
        ("volumes create nothing a --yes", "no volume group nothing"),
        ("volumes remove flexvdi/nothing --erase flexvdi/nothing", "There is no volume"),
        ("volumes remove flexvdi/root --erase flexvdi/root", "is mounted on /"),
        ("disks smart sdz", "There is no disk sdz"),
    ],
)
def test_what_cannot_be_done_is_said(host: SimulatedHost, words: str, said: str) -> None:
    with pytest.raises(Failure) as caught:
        call(host, *words.split())
    assert said in caught.value.cause
