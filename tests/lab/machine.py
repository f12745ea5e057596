"""Virtual machines as values: firmware, disks, media, network; and the running QEMU."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Self

import pexpect

from tests.lab.accelerator import PATIENT_KERNEL, accelerator, software
from tests.lab.console import SerialConsole

Firmware = Literal["bios", "uefi", "secure-boot"]

_OVMF = Path("/usr/share/OVMF")


@dataclass(frozen=True)
class Disk:
    """A disk of the machine; ``serial`` shows up in its by-id name. Sector sizes in bytes."""

    path: Path
    serial: str = ""
    sector_size: int = 512
    format: str = "qcow2"


@dataclass(frozen=True)
class DirectBoot:
    """Kernel and initrd handed over by QEMU, as a network boot loader would."""

    kernel: Path
    initrd: Path
    arguments: str


@dataclass(frozen=True)
class Machine:
    """What to put together.

    ``memory`` in MiB; ``ports`` maps host ports to guest ports, on the network numbered
    ``ports_network``, or to ``ADDRESS:PORT`` of another guest there; ``network_boot`` is what the
    first port's iPXE boots from (a URL). With ``ipv6_only`` its networks know no IPv4; guests have
    addresses that the router announces, and no port of this machine leads to them.
    """

    name: str
    firmware: Firmware = "bios"
    memory: int = 2048
    processors: int = 2
    disks: tuple[Disk, ...] = ()
    cdrom: Path | None = None
    usb_stick: Path | None = None
    direct_boot: DirectBoot | None = None
    ports: dict[int, int | str] = field(default_factory=dict)
    networks: int = 1
    ports_network: int = 0
    network_boot: str = ""
    ipv6_only: bool = False
    extra: tuple[str, ...] = ()

    def with_disks(self, *disks: Disk) -> Self:
        """The same machine with other disks."""
        return replace(self, disks=disks)


def create_disk(path: Path, size_gib: int, *, serial: str = "", sector_size: int = 512) -> Disk:
    """A new, empty disk of ``size_gib`` GiB."""
    path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["qemu-img", "create", "-q", "-f", "qcow2", str(path), f"{size_gib}G"], check=True
    )
    return Disk(path, serial or path.stem, sector_size)


def overlay(disk: Disk, path: Path) -> Disk:
    """A disk that starts as ``disk`` is and keeps its changes to itself."""
    path.parent.mkdir(parents=True, exist_ok=True)
    backing = ["-b", str(disk.path.resolve()), "-F", disk.format]
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", *backing, str(path)], check=True)
    return replace(disk, path=path, format="qcow2")


def keep_firmware_variables(source: Path, folder: Path) -> None:
    """Give the machine in ``folder`` the EFI variables (boot entries) of the one in ``source``."""
    variables = source / "efi-variables.fd"
    folder.mkdir(parents=True, exist_ok=True)
    if variables.exists():
        shutil.copy(variables, folder)


def _firmware_arguments(firmware: Firmware, folder: Path) -> list[str]:
    if firmware == "bios":
        return ["-machine", "q35", *accelerator()]
    secure = firmware == "secure-boot"
    code = _OVMF / ("OVMF_CODE_4M.secboot.fd" if secure else "OVMF_CODE_4M.fd")
    variables = folder / "efi-variables.fd"
    if not variables.exists():
        shutil.copy(_OVMF / ("OVMF_VARS_4M.ms.fd" if secure else "OVMF_VARS_4M.fd"), variables)
    arguments = ["-machine", "q35,smm=on" if secure else "q35"]
    # Firmware that enforces Secure Boot needs system management mode, which not every KVM has.
    arguments += software() if secure else accelerator()
    if secure:
        arguments += ["-global", "driver=cfi.pflash01,property=secure,value=on"]
    arguments += ["-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={code}"]
    arguments += ["-drive", f"if=pflash,unit=1,format=raw,file={variables}"]
    return arguments


def qemu_arguments(machine: Machine, folder: Path, monitor: Path) -> list[str]:
    """The whole command line; ``folder`` keeps the firmware's variables, ``monitor`` speaks QMP."""
    arguments = ["qemu-system-x86_64", "-name", machine.name, "-nodefaults", "-no-user-config"]
    arguments += _firmware_arguments(machine.firmware, folder)
    arguments += ["-m", str(machine.memory), "-smp", str(machine.processors)]
    arguments += ["-device", "virtio-rng-pci", "-vga", "std", "-display", "none"]
    arguments += ["-serial", "stdio", "-monitor", "none"]
    arguments += ["-qmp", f"unix:{monitor},server=on,wait=off"]
    # As firmware is set that somebody wants to install machines with: the medium before the disks.
    for number, disk in enumerate(machine.disks):
        options = f"file={disk.path},format={disk.format},if=none,id=disk{number},cache=unsafe"
        arguments += ["-drive", f"{options},discard=unmap,detect-zeroes=unmap"]
        sectors = f"logical_block_size={disk.sector_size},physical_block_size={disk.sector_size}"
        device = f"virtio-blk-pci,drive=disk{number},serial={disk.serial},{sectors}"
        arguments += ["-device", f"{device},bootindex={10 * (number + 1)}"]
    if machine.cdrom:
        arguments += [
            "-drive",
            f"file={machine.cdrom},format=raw,if=none,id=cd,media=cdrom,readonly=on",
        ]
        arguments += ["-device", "ide-cd,drive=cd,bootindex=1"]
    if machine.usb_stick:
        arguments += ["-device", "qemu-xhci,id=xhci"]
        arguments += ["-drive", f"file={machine.usb_stick},format=raw,if=none,id=stick,readonly=on"]
        stick = "usb-storage,bus=xhci.0,drive=stick,removable=on"
        arguments += ["-device", f"{stick},bootindex=1"]
    for number in range(machine.networks):
        arguments += _network_arguments(machine, number)
    if machine.direct_boot:
        boot = machine.direct_boot
        arguments += ["-kernel", str(boot.kernel), "-initrd", str(boot.initrd)]
        arguments += ["-append", f"{boot.arguments} {PATIENT_KERNEL}"]
    return [*arguments, *machine.extra]


def _network_arguments(machine: Machine, number: int) -> list[str]:
    netdev = f"user,id=net{number}{',ipv4=off' if machine.ipv6_only else ''}"
    device = f"virtio-net-pci,netdev=net{number},mac=52:54:00:00:00:{number + 1:02x}"
    if number == machine.ports_network:
        for port, there in machine.ports.items():
            place = there if isinstance(there, str) else f":{there}"
            netdev += f",hostfwd=tcp:127.0.0.1:{port}-{place}"
    if number == 0 and machine.network_boot:
        netdev += f",bootfile={machine.network_boot}"
        device += ",bootindex=0"
    else:
        device += ",romfile="
    return ["-netdev", netdev, "-device", device]


class RunningMachine:
    """A started machine: its serial console, and the handles to look at it and to end it."""

    def __init__(self, machine: Machine, folder: Path) -> None:
        """Start it; ``folder`` keeps its records (serial.log, firmware variables)."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.machine = machine
        # Names of sockets are short, and paths of repositories and of tests need not be.
        self._sockets = tempfile.TemporaryDirectory(prefix="flexvdi-machine-")
        self._monitor = Path(self._sockets.name) / "qmp.sock"
        command = qemu_arguments(machine, folder, self._monitor)
        (folder / "qemu-command.json").write_text(json.dumps(command, indent=1))
        self.child = pexpect.spawn(command[0], command[1:], timeout=None, echo=False)
        self.child.delaybeforesend = None
        self.console = SerialConsole(self.child, folder / "serial.log")
        try:
            self._keep_time()
        except BaseException:
            self.end()
            raise

    def _keep_time(self) -> None:
        """Have QEMU's own loop, which ticks the guest's timer, run before the guest's processors.

        A kernel that misses ticks while it starts may take its timer for broken; where others use
        the machine as well, that happens.
        """
        # Answered by that loop, when the threads of the processors are there. A QEMU that ends at
        # once says why on the console.
        with suppress(FileNotFoundError, ConnectionError):
            self.ask("query-status")
        if self.child.isalive() and self.child.pid is not None:
            with suppress(PermissionError):
                os.setpriority(os.PRIO_PROCESS, self.child.pid, -10)

    def _monitor_line(self) -> socket.socket:
        """A connection to QEMU's monitor. QEMU makes the socket's file, and listens only then."""
        while True:
            line = socket.socket(socket.AF_UNIX)
            line.settimeout(120)
            try:
                line.connect(str(self._monitor))
            except (FileNotFoundError, ConnectionRefusedError):
                line.close()
                if not self.child.isalive():
                    raise
                time.sleep(0.02)
            else:
                return line

    def ask(self, command: str, **arguments: Any) -> Any:
        """One QMP command; what it returns."""
        with self._monitor_line() as line:
            stream = line.makefile("rw")
            stream.readline()
            for name, values in (("qmp_capabilities", {}), (command, arguments)):
                stream.write(json.dumps({"execute": name, "arguments": values}) + "\n")
                stream.flush()
                while "return" not in (answer := json.loads(stream.readline())):
                    if "error" in answer:
                        raise RuntimeError(f"QMP {name}: {answer['error']}")
            return answer["return"]

    def screenshot(self, path: Path) -> Path:
        """A picture (PNG) of the VGA screen."""
        self.ask("screendump", filename=str(path), format="png")
        return path

    def power_cut(self) -> None:
        """Pull the plug."""
        self.child.close(force=True)

    def end(self) -> None:
        """End the machine if it still runs."""
        if self.child.isalive() and self.child.pid is not None:
            self.child.terminate(force=True)
        self.child.close(force=True)
        self._sockets.cleanup()


@contextmanager
def running(machine: Machine, folder: Path) -> Iterator[RunningMachine]:
    """Start ``machine`` and end it whatever happens."""
    started = RunningMachine(machine, folder)
    try:
        yield started
    finally:
        started.end()
