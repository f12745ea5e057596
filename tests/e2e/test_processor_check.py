"""An image for newer processors, started on an older one: it says so and names the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from iso.processor_check import compile_check, cpio_archive
from tests.lab.machine import DirectBoot, Machine, running
from tests.lab.places import netboot_folder

pytestmark = [pytest.mark.full, pytest.mark.usefixtures("iso")]

SECONDS = 300


def start(folder: Path, level: str, processor: str) -> Machine:
    """A machine with the medium's kernel and an initrd that holds the check alone."""
    program = folder / "check"
    compile_check(program, "CentOS Stream 10", level, "almalinux-10-v2")
    initrd = folder / "initrd.img"
    initrd.write_bytes(cpio_archive({"init": program.read_bytes()}))
    arguments = "console=tty0 console=ttyS0,115200 loglevel=4 panic=-1"
    kernel = netboot_folder() / "vmlinuz"
    return Machine(
        "processor-check",
        memory=512,
        direct_boot=DirectBoot(kernel, initrd, arguments),
        extra=("-accel", "tcg", "-cpu", processor, "-no-reboot"),
    )


@pytest.mark.parametrize(
    ("level", "processor"), [("x86-64-v3", "Nehalem"), ("x86-64-v2", "qemu64")]
)
def test_an_older_processor_is_told(folder: Path, level: str, processor: str) -> None:
    with running(start(folder, level, processor), folder) as machine:
        machine.console.wait_for(f"needs a processor of level {level}", SECONDS)
        machine.console.wait_for("use an image built on almalinux-10-v2", SECONDS)


@pytest.mark.parametrize(
    ("level", "processor"), [("x86-64-v3", "Haswell-noTSX"), ("x86-64-v2", "Nehalem")]
)
def test_a_processor_that_will_do_starts_the_initrd(
    folder: Path, level: str, processor: str
) -> None:
    """There is no init behind the check here: the kernel says that the program gave up."""
    with running(start(folder, level, processor), folder) as machine:
        machine.console.wait_for("Kernel panic|Attempted to kill init", SECONDS)
        assert "needs a processor" not in machine.console.transcript
