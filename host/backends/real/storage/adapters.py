"""SCSI hosts as the kernel's transport classes tell them (Documentation/ABI, sysfs)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from foundation.failure import Failure
from foundation.process import run
from host.storage_values import HostAdapter

SYS = Path("/sys")
_SCAN_TIMEOUT = 60.0  # seconds; a driver may wait for every silent target in turn


def read_adapters(sys: Path = SYS) -> tuple[HostAdapter, ...]:
    """Every SCSI host, Fibre Channel and SAS ones with their addresses and state."""
    hosts = sorted((sys / "class/scsi_host").glob("host*"), key=lambda host: int(host.name[4:]))
    return tuple(_adapter(sys, host) for host in hosts)


def _adapter(sys: Path, host: Path) -> HostAdapter:
    fibre, sas = sys / "class/fc_host" / host.name, sys / "class/sas_host" / host.name
    driver = _text(host / "proc_name")
    if fibre.exists():
        return HostAdapter(
            host.name,
            "fc",
            driver,
            address=_wwn(_text(fibre / "port_name")),
            node_address=_wwn(_text(fibre / "node_name")),
            state=_text(fibre / "port_state"),
            speed=_text(fibre / "speed"),
        )
    if sas.exists():
        return HostAdapter(
            host.name,
            "sas",
            driver,
            address=_wwn(_text(host / "host_sas_address")),
            state=_text(host / "state"),
        )
    kind: Literal["iscsi", "other"] = (
        "iscsi" if (sys / "class/iscsi_host" / host.name).exists() else "other"
    )
    return HostAdapter(host.name, kind, driver, state=_text(host / "state"))


def rescan(adapters: tuple[HostAdapter, ...], sys: Path = SYS) -> None:
    """Have adapters look for new disks, and every disk for a new size; then wait for udev.

    iSCSI hosts are left to open-iscsi. The kernel may take long over a write, so a program makes
    it, which can be left behind. One that fails does not keep the others from looking.
    """
    failures = []
    for adapter in adapters:
        if adapter.kind != "iscsi":
            failures += _write(sys / "class/scsi_host" / adapter.name / "scan", "- - -")
    for file in sorted((sys / "class/block").glob("*/device/rescan")):
        failures += _write(file, "1")
    for file in sorted((sys / "class/nvme").glob("*/rescan_controller")):
        failures += _write(file, "1")
    run(["udevadm", "settle", "--timeout=20"], timeout=30, accept=(0, 1))
    if failures:
        raise failures[0]


def _write(file: Path, text: str) -> list[Failure]:
    try:
        run(["tee", str(file)], input_text=text, timeout=_SCAN_TIMEOUT)
    except Failure as failure:
        return [failure]
    return []


def _text(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:  # a host that is just going away
        return ""


def _wwn(text: str) -> str:
    """A world-wide name as switches show it: ``21:00:00:e0:8b:05:05:04``."""
    digits = text.removeprefix("0x")
    if len(digits) != 16:
        return text
    return ":".join(digits[place : place + 2] for place in range(0, 16, 2))
