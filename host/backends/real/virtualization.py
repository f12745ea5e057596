"""Whether guests run here, found out by running one.

``/dev/kvm`` can be there and still start nothing (nested virtualization switched off, a CPU that
the module refuses), or have every instruction of a guest emulated, hundreds of times slower than
QEMU does that (a module without hardware virtualization). So a guest of one sector is started: it
counts as far as takes a processor a tenth of a second, tells QEMU's debug-exit device a number and
is gone. What came of it is kept until the next boot.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from typing import Literal

from foundation.atomic_file import write_atomically
from foundation.failure import Failure
from foundation.process import ProcessFailed, run
from host.status import Virtualization

CACHE = Path("/run/flexvdi/virtualization.json")
_DEVICE = Path("/dev/kvm")
_PROGRAMS = ("/usr/libexec/qemu-kvm", "/usr/bin/qemu-system-x86_64", "/usr/bin/qemu-kvm")
# Seconds. An emulated guest may be so in an emulated host; KVM is at least not much slower.
_WITHIN, _EMULATED_WITHIN = 30.0, 600.0
_KVM_LEAST, _KVM_TIMES = 10.0, 2.0
_NUMBER = 0x21
_EXIT_STATUS = (_NUMBER << 1) | 1  # what isa-debug-exit makes of it
_COUNT = 1 << 26
# mov ecx, count; dec ecx, until it is 0; mov dx, 0x501; mov al, 0x21; out dx, al; hlt; jmp to hlt
_CODE = (
    b"\x66\xb9"
    + _COUNT.to_bytes(4, "little")
    + b"\x66\x49\x75\xfc"
    + bytes((0xBA, 0x01, 0x05, 0xB0, _NUMBER, 0xEE, 0xF4, 0xEB, 0xFD))
)
_BOOT_SECTOR = _CODE.ljust(510, b"\0") + b"\x55\xaa"


def qemu_program() -> str | None:
    """QEMU for x86 guests, wherever this base keeps it."""
    return next((program for program in _PROGRAMS if os.access(program, os.X_OK)), None)


def guest_starts(
    program: str, accelerator: Literal["kvm", "tcg"], timeout: float = _WITHIN
) -> bool:
    """Start the one-sector guest under ``accelerator``; whether it ran to its end."""
    with tempfile.TemporaryDirectory(prefix="flexvdi-guest-") as folder:
        disk = Path(folder) / "boot.img"
        disk.write_bytes(_BOOT_SECTOR.ljust(1 << 20, b"\0"))
        argv = [
            program,
            *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
            *("-machine", f"pc,accel={accelerator}", "-cpu", "max", "-m", "16"),
            *("-drive", f"file={disk},format=raw,if=ide,snapshot=on"),
            *("-device", "isa-debug-exit,iobase=0x501,iosize=1"),
        ]
        try:
            return run(argv, accept=(0, 1, _EXIT_STATUS), timeout=timeout).returncode == (
                _EXIT_STATUS
            )
        except ProcessFailed:
            return False


def probe(cache: Path = CACHE) -> Virtualization:
    """How guests run here; from the cache when this boot has asked before."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    try:
        known = json.loads(cache.read_text())
        if known["boot"] == boot:
            return Virtualization(known["accelerator"], known["reason"])
    except (OSError, ValueError, KeyError):
        pass  # not asked yet in this boot
    found = _probe()
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        entry = {"boot": boot, "accelerator": found.accelerator, "reason": found.reason}
        write_atomically(cache, json.dumps(entry))
    except OSError:
        return found  # not root: the next caller asks again
    return found


def _probe() -> Virtualization:
    program = qemu_program()
    if program is None:
        return Virtualization(None, "QEMU is not installed.")
    began = time.monotonic()
    emulated = guest_starts(program, "tcg", _EMULATED_WITHIN)
    # A QEMU without emulation says nothing of how long a guest may take.
    took = time.monotonic() - began
    limit = max(_KVM_LEAST, _KVM_TIMES * took) if emulated else _WITHIN
    has_kvm = _DEVICE.exists()
    if has_kvm and guest_starts(program, "kvm", limit):
        return Virtualization("kvm", "A guest starts with hardware virtualization.")
    if not emulated:
        return Virtualization(None, "No guest starts, neither with KVM nor emulated.")
    if has_kvm:
        slow = (
            "Guests are emulated and slow: /dev/kvm is there, but no guest runs with it, "
            "or none at the speed of a machine."
        )
    else:
        slow = (
            "Guests are emulated and slow: this machine offers no hardware virtualization "
            "(/dev/kvm)."
        )
    return Virtualization("tcg", slow)


def require_guests() -> Literal["kvm", "tcg"]:
    """The accelerator to run guests with; raises Failure when none works."""
    found = probe()
    if found.accelerator is None:
        raise Failure(found.reason, "Install QEMU, or switch virtualization on in the firmware.")
    return found.accelerator
