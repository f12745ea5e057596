"""The parts of the real backend that run on any Linux machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.failure import Failure
from foundation.secret import Secret
from host.backends.real import authentication
from host.backends.real.authentication import check_password
from host.backends.real.backend import RealHost
from host.backends.real.files import RealFiles
from host.backends.real.interfaces import read_interfaces
from host.backends.real.virtualization import guest_starts, qemu_program
from host.document.system_files import FileContent


@pytest.mark.skipif(qemu_program() is None, reason="needs QEMU")
def test_a_tiny_guest_runs_to_its_end_and_a_missing_accelerator_is_no_guest() -> None:
    program = qemu_program()
    assert program is not None
    assert guest_starts(program, "tcg", timeout=60)
    assert not guest_starts(program, "no-such", timeout=60)  # type: ignore[arg-type]


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Secret]]:
    if os.geteuid() != 0 or shutil.which("useradd") is None:
        pytest.skip("needs root, to make a user for PAM")
    name, password = f"flexvdi{os.getpid()}", Secret("correct horse")
    subprocess.run(["useradd", "--no-create-home", name], check=True)
    subprocess.run(["chpasswd"], input=f"{name}:{password.reveal()}", text=True, check=True)
    monkeypatch.setattr(authentication, "_DELAY", 0.0)
    yield name, password
    subprocess.run(["userdel", name], check=True)


def test_pam_lets_in_who_may_with_the_right_password(person: tuple[str, Secret]) -> None:
    name, password = person
    check_password(name, password, frozenset((name,)))
    for wrong, allowed in ((Secret("wrong"), name), (password, "root"), (Secret(""), name)):
        with pytest.raises(Failure, match="not right"):
            check_password(name, wrong, frozenset((allowed,)))


def test_files_are_put_linked_and_removed(tmp_path: Path) -> None:
    files = RealFiles(tmp_path)
    contents = {
        "etc/a.conf": FileContent("a\n", 0o600),
        "etc/localtime": FileContent(link="../usr/share/zoneinfo/UTC"),
        "etc/latin": FileContent("\udcf1\n"),
    }
    for path, content in contents.items():
        files.put(path, content)
        assert files.read(path) == content
    assert files.folder("etc") == ("a.conf", "latin", "localtime")
    files.put("etc/localtime", None)
    files.put("etc/localtime", None)
    assert files.read("etc/localtime") is None
    with pytest.raises(Failure, match="could not be written"):
        files.put("etc/a.conf/below", FileContent("x"))


def test_the_status_of_this_machine_can_be_had_without_any_service() -> None:
    status = RealHost().status()
    assert status.identity.hostname and status.uptime > 0
    assert {check.name for check in status.checks} >= {"Disk space", "Memory", "Time", "Services"}
    json.dumps(status.as_dict())


def test_interfaces_are_read_as_the_kernel_tells_them(tmp_path: Path) -> None:
    (tmp_path / "eno1").mkdir()
    (tmp_path / "eno1/speed").write_text("10000\n")
    links = [
        {"ifname": "lo", "flags": ["UP"], "link_type": "loopback"},
        {
            "ifname": "eno1",
            "flags": ["UP", "LOWER_UP"],
            "link_type": "ether",
            "address": "52:54:00:00:00:01",
            "master": "br0",
            "addr_info": [
                {"local": "10.0.0.2", "prefixlen": 24, "scope": "global"},
                {"local": "fe80::1", "prefixlen": 64, "scope": "link"},
                {"local": "fec0::2", "prefixlen": 64, "scope": "site"},
            ],
        },
        {"ifname": "vnet3", "flags": ["UP"], "link_type": "ether"},
    ]
    (found,) = read_interfaces(links, tmp_path)
    assert (found.speed, found.link, found.controller) == (10000, True, "br0")
    assert found.addresses == ("10.0.0.2/24", "fec0::2/64")
