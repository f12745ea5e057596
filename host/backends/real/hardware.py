"""This machine's processors and memory, and the kernel's counters (host.machine.hardware).

From ``/proc`` (proc(5)) and ``/sys``: no program is run, because this is asked every few seconds.
"""

from __future__ import annotations

import os
import re
import time
import uuid
from pathlib import Path

from host.api.operation import Counters, Hardware

_SECTOR = 512  # bytes, whatever the disk's own sectors are: Documentation/admin-guide/iostats.rst
_TICKS = os.sysconf("SC_CLK_TCK")
# What boards say that were never given a UUID of their own.
_NO_UUID = re.compile(r"(.)\1*|03000200-0400-0500-0006-000700080009|12345678-.*", re.IGNORECASE)


class RealHardware:
    """Read below ``root``."""

    def __init__(self, root: Path = Path("/")) -> None:
        """``root`` differs only where this is tried."""
        self._root = root

    def facts(self) -> Hardware:
        """From cpuinfo, meminfo and DMI."""
        processors = _blocks(self._text("proc/cpuinfo"))
        packages = {one.get("physical id", "0") for one in processors}
        cores = {
            (one.get("physical id", "0"), one.get("core id", one["processor"]))
            for one in processors
        }
        return Hardware(
            identity=self._identity(),
            boot_id=self._text("proc/sys/kernel/random/boot_id").strip(),
            booted_at=time.time() - float(self._text("proc/uptime").split()[0]),
            cpu_model=processors[0].get("model name", "") if processors else "",
            sockets=max(len(packages), 1),
            cores=max(len(cores), 1),
            threads=max(len(processors), 1),
            memory=self._memory()["MemTotal"],
        )

    def counters(self) -> Counters:
        """From stat, meminfo, net/dev and diskstats; only of real cards and disks."""
        memory = self._memory()
        received, sent = self._network()
        read, written = self._disks()
        return Counters(
            at=time.monotonic(),
            cpu=self._busy(),
            memory=memory["MemTotal"] - memory.get("MemAvailable", memory.get("MemFree", 0)),
            received=received,
            sent=sent,
            read=read,
            written=written,
        )

    def _identity(self) -> str:
        """The mainboard's UUID; without a credible one the installation's, as a UUID."""
        board = self._text("sys/class/dmi/id/product_uuid").strip().lower()
        try:
            if not _NO_UUID.fullmatch(board.replace("-", "")) and not _NO_UUID.fullmatch(board):
                return str(uuid.UUID(board))
        except ValueError:
            pass
        machine = self._text("etc/machine-id").strip()
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"flexvdi-host:{machine}"))

    def _busy(self) -> float:
        """user + nice + system + irq + softirq + steal, of all processors."""
        fields = [int(word) for word in self._text("proc/stat").partition("\n")[0].split()[1:]]
        return (sum(fields[:3]) + sum(fields[5:8])) / _TICKS

    def _memory(self) -> dict[str, int]:
        lines = (line.partition(":") for line in self._text("proc/meminfo").splitlines())
        return {name: int(rest.split()[0]) * 1024 for name, _colon, rest in lines}

    def _network(self) -> tuple[int, int]:
        received = sent = 0
        for line in self._text("proc/net/dev").splitlines()[2:]:
            name, _colon, rest = line.partition(":")
            if (self._root / "sys/class/net" / name.strip() / "device").exists():
                fields = rest.split()
                received, sent = received + int(fields[0]), sent + int(fields[8])
        return received, sent

    def _disks(self) -> tuple[int, int]:
        read = written = 0
        for line in self._text("proc/diskstats").splitlines():
            fields = line.split()
            if (self._root / "sys/block" / fields[2] / "device").exists():
                read, written = read + int(fields[5]), written + int(fields[9])
        return read * _SECTOR, written * _SECTOR

    def _text(self, path: str) -> str:
        try:
            return (self._root / path).read_text(errors="replace")
        except OSError:
            return ""


def _blocks(text: str) -> list[dict[str, str]]:
    """The paragraphs of ``key : value`` in cpuinfo that describe a processor."""
    blocks = []
    for paragraph in text.strip().split("\n\n"):
        lines = (line.partition(":") for line in paragraph.splitlines())
        block = {key.strip(): value.strip() for key, _colon, value in lines}
        if "processor" in block:
            blocks.append(block)
    return blocks
