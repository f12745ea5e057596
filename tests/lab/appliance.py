"""The Manager's appliance as a virtual machine: its two disks, its seed, what its console tells."""

from __future__ import annotations

import http.client
import json
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from foundation.appliance_manifest import (
    APPLIANCE_MANIFEST_NAME,
    DATA_DISK_SERIAL,
    read_appliance_manifest,
)
from foundation.appliance_seed import (
    PROGRESS_PREFIX,
    ApplianceProgress,
    ApplianceSeed,
    read_progress,
    user_data_text,
)
from tests.lab.machine import Disk, Firmware, Machine, RunningMachine, create_disk, overlay, running
from tests.lab.places import BUILD, LAB_BASE

# Seconds that a start may take under emulation on two processors that others use as well.
START_SECONDS = 1800
_PROGRESS = rf"{PROGRESS_PREFIX}(\{{[^\r\n]*\}})"


def appliance_folder(base: str = LAB_BASE) -> Path:
    """Where `make manager-image` puts image and manifest."""
    return BUILD / f"flexvdi-manager-{base}"


def make_seed(path: Path, instance: str, seed: ApplianceSeed, network: str = "") -> Path:
    """The ISO of a seed, labelled ``cidata``."""
    files = path.with_suffix("")
    files.mkdir(parents=True, exist_ok=True)
    meta_data = {"instance-id": instance, "local-hostname": "manager.example.org"}
    (files / "meta-data").write_text(json.dumps(meta_data))
    (files / "user-data").write_text(user_data_text(seed))
    if network:
        (files / "network-config").write_text(network)
    subprocess.run(
        ["xorriso", "-as", "mkisofs", "-quiet", "-V", "cidata", "-J", "-R", "-o", path, files],
        check=True,
    )
    return path


@dataclass(frozen=True)
class Appliance:
    """A Manager's machine: ``port`` on this machine leads to its HTTPS."""

    machine: Machine
    port: int

    def with_seed(self, seed: Path) -> Appliance:
        """The same with another seed."""
        return replace(self, machine=replace(self.machine, cdrom=seed))

    def with_system(self, image: Path, folder: Path) -> Appliance:
        """The same data disk under another image."""
        _, data = self.machine.disks
        return replace(self, machine=self.machine.with_disks(_system(image, folder), data))


def appliance(
    folder: Path,
    port: int,
    *,
    seed: Path | None = None,
    image: Path | None = None,
    firmware: Firmware = "bios",
) -> Appliance:
    """A new one in ``folder``, with an empty data disk, of the size that its manifest asks for."""
    place = image or appliance_folder() / "manager.qcow2"
    least = read_appliance_manifest(place.with_name(APPLIANCE_MANIFEST_NAME)).least
    data = create_disk(folder / "data.qcow2", least.data_disk >> 30, serial=DATA_DISK_SERIAL)
    machine = Machine(
        name="manager",
        firmware=firmware,
        memory=least.memory,
        processors=least.vcpus,
        disks=(_system(place, folder), data),
        cdrom=seed,
        ports={port: 443},
        # The serial number that firmware gives a machine names its journal; libvirt always does.
        extra=("-uuid", "5f1c9a1e-5b1f-4f4e-9b0a-0d6a5c7f1a11", "-device", "i6300esb"),
    )
    return Appliance(machine, port)


def _system(image: Path, folder: Path) -> Disk:
    place = folder / "system.qcow2"
    place.unlink(missing_ok=True)
    return overlay(Disk(image, "flexvdi-system"), place)


@contextmanager
def started(machine: Appliance, folder: Path) -> Iterator[RunningMachine]:
    """Start it; it is ended whatever happens."""
    with running(machine.machine, folder) as up:
        yield up


def wait_for(up: RunningMachine, step: str, state: str, since: int = 0) -> ApplianceProgress:
    """Follow the serial line until ``step`` is in ``state``; a failed step ends the wait."""
    place = since or 1
    while True:
        found = up.console.wait_for(_PROGRESS, START_SECONDS, since=place)
        place = found.end()
        told = read_progress(found.group(0))
        if told is None:
            continue
        if told.step == step and told.state == state:
            return told
        if told.state == "failed":
            raise AssertionError(f"{told.step} failed: {told.words} {told.remedy}")


def ask(machine: Appliance, path: str, **body: Any) -> tuple[int, Any]:
    """One request to the API: status and JSON. Its certificate is not looked at here."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", machine.port, timeout=60, context=context)
    try:
        if body:
            content = {"Content-Type": "application/json"}
            connection.request("POST", path, json.dumps(body), content)
        else:
            connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read().decode()
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status, json.loads(text) if is_json else text
    finally:
        connection.close()
