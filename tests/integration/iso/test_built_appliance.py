"""The Manager's image that `make manager-image` built: equal when built again, clean inside."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from foundation.manifest import measure
from foundation.process import run
from iso import software
from tests.integration.iso.image_contents import private_keys, unpack_appliance
from tests.lab.places import BASE, LAB_BASE

IMAGE = software.PROJECT / f"build/flexvdi-manager-{LAB_BASE}/manager.qcow2"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to unpack device files")


@pytest.fixture(scope="module", autouse=True)
def image() -> Path:
    if BASE != LAB_BASE:
        pytest.skip(f"these are about the image of {LAB_BASE}")
    if not IMAGE.exists():
        pytest.fail(f"{IMAGE} is missing; `make manager-image` builds it")
    return IMAGE


@pytest.fixture(scope="module")
def tree(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack_appliance(image, tmp_path_factory.mktemp("appliance"))


def test_two_builds_give_the_same_bytes(tmp_path: Path) -> None:
    sums = []
    for name in ("first", "second"):
        output = tmp_path / name / "manager.qcow2"
        argv = [sys.executable, "-m", "manager_image.command_line", "build"]
        argv += ["--base", LAB_BASE, "--output", str(output)]
        run(argv, timeout=1800, working_directory=str(software.PROJECT))
        names = ("manager.qcow2", "manager-image.json")
        sums.append([measure(output.with_name(name)).sha256 for name in names])
        output.unlink()
    assert sums[0] == sums[1]


def test_no_appliance_has_what_another_has_too(tree: Path) -> None:
    """Keys and identities are made at its first start."""
    assert private_keys(tree) == []
    assert (tree / "etc/machine-id").read_bytes() == b""
    assert not list((tree / "var/lib/postgresql").iterdir()), "a database's cluster has an identity"
    assert not list(tree.glob("etc/ssh/ssh_host_*"))


def test_no_trace_of_the_build_is_in_it(tree: Path) -> None:
    assert (tree / "etc/hostname").read_text() == "localhost\n"
    assert not (tree / "etc/resolv.conf").exists()
    library = tree / "usr/lib/flexvdi/lib"
    assert not [
        record
        for record in library.rglob("*.dist-info/RECORD")
        if "direct_url.json" in record.read_text()
    ]
    links = [path for path in (tree / "etc/ssl/certs").iterdir() if path.is_symlink()]
    beside = [link for link in links if "/" not in str(link.readlink())]
    assert beside and all(os.path.lexists(link.parent / link.readlink()) for link in beside)


def test_nobody_has_a_password(tree: Path) -> None:
    lines = (tree / "etc/shadow").read_text().splitlines()
    assert all(line.split(":")[1].startswith(("*", "!")) for line in lines), lines
