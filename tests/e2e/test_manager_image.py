"""The real appliance under QEMU: from an empty data disk to an API that answers, and again.

A machine goes through much of it, because each start takes minutes under emulation.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from foundation.appliance_seed import ApplianceSeed, SeedAdministrator
from foundation.secret import Secret
from manager.access.passwords import hash_password
from manager.appliance.data_record import DataRecord
from tests.lab.appliance import (
    START_SECONDS,
    Appliance,
    appliance,
    appliance_folder,
    ask,
    make_seed,
    started,
    wait_for,
)
from tests.lab.sockets import free_port

JOIN_TOKEN = "PLANTEDTOKENPLANTEDTOKEN"
PASSWORD = "correct horse battery of a test"


@pytest.fixture(scope="module")
def image() -> Path:
    path = appliance_folder() / "manager.qcow2"
    if not path.exists():
        pytest.fail(f"{path} is missing; `make manager-image` builds it")
    return path


def test_it_starts_survives_a_power_cut_and_outlives_its_image(image: Path, folder: Path) -> None:
    hashed = hash_password(Secret(PASSWORD))
    machine = with_seed(image, folder, hashed)
    begun = time.monotonic()
    with started(machine, folder / "first") as up:
        ready = wait_for(up, "manager", "ready")
        (folder / "start-seconds").write_text(f"{time.monotonic() - begun:.0f}\n")
        status, health = ask(machine, "/health")
        assert status == 200 and health["setup_done"]
        assert sign_in(machine, PASSWORD) == 201
        assert sign_in(machine, "another one") == 401
        for secret in (JOIN_TOKEN, PASSWORD, hashed):
            assert secret not in up.console.transcript
        up.power_cut()

    # A fresh copy of the image takes the old one's place: what lasts is on the data disk.
    swapped = machine.with_system(image, folder)
    with started(swapped, folder / "swapped") as up:
        assert wait_for(up, "manager", "ready").fingerprint == ready.fingerprint
        assert sign_in(swapped, PASSWORD) == 201


@pytest.mark.full
def test_a_power_cut_while_the_database_is_made_and_data_of_a_newer_version(
    image: Path, folder: Path
) -> None:
    machine = with_seed(image, folder, hash_password(Secret(PASSWORD)))
    with started(machine, folder / "cut") as up:
        wait_for(up, "database", "running")
        up.power_cut()
    with started(machine, folder / "again") as up:
        wait_for(up, "manager", "ready")
        assert sign_in(machine, PASSWORD) == 201
        up.power_cut()

    # Data of a newer version are left as they are.
    pretend_newer(machine, folder)
    with started(machine, folder / "older") as up:
        up.console.wait_for(r'"step": "data-disk", "state": "failed"', START_SECONDS)
        up.console.wait_for(r"The data are of the Manager 999\.0", START_SECONDS)
        assert '"step": "seed"' not in up.console.transcript


def with_seed(image: Path, folder: Path, password_hash: str) -> Appliance:
    """A new one, whose seed knows an administrator and a join token."""
    seed = ApplianceSeed(
        administrator=SeedAdministrator(name="admin", password_hash=Secret(password_hash)),
        join_token=Secret(JOIN_TOKEN),
        names=("manager.example.org",),
    )
    medium = make_seed(folder / "seed.iso", "first", seed)
    return appliance(folder, free_port(), seed=medium, image=image)


def sign_in(machine: Appliance, password: str) -> int:
    status, _ = ask(machine, "/api/v1/session", name="admin", password=password)
    return status


def pretend_newer(machine: Appliance, folder: Path) -> None:
    """Write into the data disk that a newer version used it last; no mount is needed for that."""
    _, data = machine.machine.disks
    raw, record = folder / "data.raw", folder / "record.json"
    record.write_text(DataRecord(version="999.0", build_id="newer").model_dump_json())
    subprocess.run(["qemu-img", "convert", "-O", "raw", data.path, raw], check=True)
    subprocess.run(["e2fsck", "-p", raw], check=False)
    place = "/appliance/record.json"
    for command in (f"rm {place}", f"write {record} {place}"):
        subprocess.run(["debugfs", "-w", "-R", command, raw], check=True, capture_output=True)
    subprocess.run(["qemu-img", "convert", "-O", "qcow2", raw, data.path], check=True)
    raw.unlink()


@pytest.mark.full
def test_it_starts_with_uefi_and_without_a_seed(image: Path, folder: Path) -> None:
    machine = appliance(folder, free_port(), image=image, firmware="uefi")
    with started(machine, folder) as up:
        wait_for(up, "manager", "ready")
        status, health = ask(machine, "/health")
        assert status == 200 and not health["setup_done"]
