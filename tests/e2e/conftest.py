"""What all end-to-end tests start from: the medium, a folder for their machine, installed hosts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.lab.hosts import mirrored_host, one_disk_host
from tests.lab.installation import Installed
from tests.lab.places import LAB, iso_path


@pytest.fixture(scope="session")
def iso() -> Path:
    """The install medium, as `make iso` built it."""
    path = iso_path()
    if not path.exists():
        pytest.fail(f"{path} is missing; `make iso` builds it")
    return path


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Path:
    """An empty folder for this test's machine; it stays for a look after a failure."""
    path: Path = LAB / "runs" / request.node.name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


@pytest.fixture(scope="session")
def one_disk(iso: Path) -> Installed:
    """A host on one disk; see the lab's hosts."""
    return one_disk_host(iso)


@pytest.fixture(scope="session")
def mirrored(iso: Path) -> Installed:
    """A host on two mirrored disks; see the lab's hosts."""
    return mirrored_host(iso)
