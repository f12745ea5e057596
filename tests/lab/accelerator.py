"""Which accelerator QEMU really has here: decided by starting a guest, not by looking at files."""

from __future__ import annotations

import functools
import subprocess
import time
from pathlib import Path

from foundation.atomic_file import write_atomically
from tests.lab.made_once import made_once
from tests.lab.places import LAB, netboot_folder

_KVM = ("-accel", "kvm", "-cpu", "host")
PATIENT_KERNEL = "no_timer_check"
"""A kernel argument: that an emulated timer ticks late, where others use the machine as well, does
not mean that it is broken."""
_SOFTWARE = ("-accel", "tcg,thread=multi,tb-size=512", "-cpu", "max")


@functools.cache
def accelerator() -> tuple[str, ...]:
    """QEMU's arguments for the fastest accelerator that runs a guest on this machine.

    ``/dev/kvm`` can exist and still run nothing; some even run a boot sector and hang in the
    first kernel, or emulate one instruction after the other. So the image's own kernel is started
    with both, and KVM believed where it speaks sooner. The answer holds until the machine boots
    again.
    """
    kernel = netboot_folder() / "vmlinuz"
    if not Path("/dev/kvm").exists() or not kernel.exists():
        return _SOFTWARE
    boot_id = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    answer = made_once(
        LAB / f"accelerator-{boot_id}",
        lambda path: write_atomically(path, "kvm" if _kvm_is_faster(kernel) else "tcg"),
    )
    return _KVM if answer.read_text() == "kvm" else _SOFTWARE


def software() -> tuple[str, ...]:
    """QEMU's arguments for software emulation, which runs everywhere (and knows no SMM trouble)."""
    return _SOFTWARE


def _kvm_is_faster(kernel: Path) -> bool:
    emulated = _seconds_until_it_speaks(_SOFTWARE, kernel, 120.0)
    return _seconds_until_it_speaks(_KVM, kernel, emulated) < emulated


def _seconds_until_it_speaks(arguments: tuple[str, ...], kernel: Path, patience: float) -> float:
    """How long the kernel takes until it misses its root; ``patience`` where it never does."""
    command = ["qemu-system-x86_64", "-M", "q35", *arguments, "-m", "512", "-nodefaults"]
    command += ["-display", "none", "-serial", "stdio", "-no-reboot", "-kernel", str(kernel)]
    command += ["-append", "console=ttyS0 panic=-1"]
    begun = time.monotonic()
    try:
        done = subprocess.run(command, capture_output=True, timeout=patience)
    except (OSError, subprocess.TimeoutExpired):
        return patience
    return time.monotonic() - begun if b"Kernel panic" in done.stdout else patience
