"""An initrd that tells an older processor apart, instead of dying on it without a word.

An archive with a small program as ``/init`` is put behind the initrd that dracut made; the kernel
unpacks both, and the later file wins. The program starts dracut's own init where it can run.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from foundation.process import run

SOURCE = Path(__file__).parent / "boot" / "processor-check.c"
# The first processors of each level.
_FIRST = {
    "x86-64-v2": "Intel Nehalem, AMD Bulldozer",
    "x86-64-v3": "Intel Haswell, AMD Excavator",
}
_DRACUT_INIT = "/usr/lib/systemd/systemd"
_COMPILER = ("gcc", "-static", "-nostdlib", "-ffreestanding", "-fno-stack-protector",
             "-fno-asynchronous-unwind-tables", "-fno-pie", "-no-pie", "-march=x86-64",
             "-mgeneral-regs-only", "-Os", "-s", "-Wl,--build-id=none")  # fmt: skip


def message(title: str, level: str, alternative: str) -> list[str]:
    """What the console says, line by line."""
    lines = [
        f"flexVDI: this image is made of {title}, which needs a processor of level {level}",
        f"flexVDI: ({_FIRST[level]}, or newer). This machine's processor is older.",
        "flexVDI: In a virtual machine: give it the processor model of its host.",
    ]
    if alternative:
        lines.append(f"flexVDI: For this machine, use an image built on {alternative}.")
    return [*lines, "flexVDI: Nothing was changed. Switch the machine off."]


def add_processor_check(initrd: Path, title: str, level: str, alternative: str) -> None:
    """Put the check of ``level`` (``x86-64-v2``, ``x86-64-v3``) in front of the initrd's init."""
    with tempfile.TemporaryDirectory(prefix="flexvdi-") as folder:
        program = Path(folder) / "init"
        compile_check(program, title, level, alternative)
        archive = cpio_archive({"init": program.read_bytes()})
    with initrd.open("ab") as stream:
        stream.write(bytes(-stream.tell() % 512))
        stream.write(archive)


def compile_check(program: Path, title: str, level: str, alternative: str) -> None:
    """Compile the program that checks for ``level``."""
    quoted = (
        '"<1>' + line.replace("\\", "").replace('"', "'") + '\\n"'
        for line in message(title, level, alternative)
    )
    run(
        [
            *_COMPILER,
            f"-DNEEDED_LEVEL={level[-1]}",
            f'-DINIT="{_DRACUT_INIT}"',
            f"-DMESSAGE={', '.join(quoted)}",
            "-o", str(program), str(SOURCE),
        ]
    )  # fmt: skip


def cpio_archive(files: dict[str, bytes]) -> bytes:
    """Executable files as an uncompressed archive in the kernel's format (initramfs: "newc")."""
    parts = []
    for number, (name, content) in enumerate([*files.items(), ("TRAILER!!!", b"")]):
        mode = 0o100755 if content else 0
        fields = (number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0)
        header = b"070701" + b"".join(b"%08X" % field for field in fields)
        for part in (header + name.encode() + b"\0", content):
            parts.append(part + bytes(-len(part) % 4))
    return b"".join(parts)
