"""The disks of this machine (host.machine.disks.Disks)."""

from __future__ import annotations

import time
from pathlib import Path

from foundation.failure import Failure
from foundation.process import run
from host.backends.real.storage import adapters, lsblk, smartctl
from host.backends.real.storage.responding import responds
from host.storage_values import Disk, HostAdapter, Smart

_APPEARANCE = 20.0  # seconds


class RealDisks:
    """lsblk, smartctl, sysfs and wipefs."""

    def disks(self) -> tuple[Disk, ...]:
        """From lsblk and udev."""
        return lsblk.read_disks()

    def smart(self, disk: Disk) -> Smart:
        """From smartctl; a multipath device has none of its own."""
        if disk.kind != "disk":
            return Smart("unknown", ("Ask the disks that are its paths.",))
        return smartctl.read_smart(disk.path)

    def adapters(self) -> tuple[HostAdapter, ...]:
        """From sysfs."""
        return adapters.read_adapters()

    def rescan(self, adapters_: tuple[HostAdapter, ...]) -> None:
        """Through sysfs."""
        adapters.rescan(adapters_)

    def appears(self, device: str) -> bool:
        """Wait for udev; multipathd, which udev does not wait for, may take longer."""
        deadline = time.monotonic() + _APPEARANCE
        while True:
            run(["udevadm", "settle", "--timeout=10"], timeout=20, accept=(0, 1))
            if Path(device).exists() or time.monotonic() > deadline:
                return Path(device).exists()
            time.sleep(0.5)

    def wipe(self, device: str) -> None:
        """Partitions first, then the disk; refused by the kernel while one is in use."""
        found = run(["lsblk", "--noheadings", "--list", "--output", "PATH,TYPE", device]).stdout
        partitions = [line.split()[0] for line in found.splitlines() if line.endswith(" part")]
        run(["wipefs", "--all", *partitions, device], timeout=60)
        run(["udevadm", "settle", "--timeout=20"], timeout=30, accept=(0, 1))

    def media(self, folder: str) -> tuple[tuple[str, int], ...]:
        """From find(1), unless a server is away."""
        if not responds(folder):
            return ()
        argv = ["find", folder, "-maxdepth", "2", "-type", "f", "-iname", "*.iso"]
        try:
            listed = run([*argv, "-printf", r"%s %P\n"], timeout=10).stdout
        except Failure:
            return ()
        rows = (line.partition(" ") for line in listed.splitlines())
        return tuple(sorted((name, int(size)) for size, _space, name in rows if size.isdigit()))
