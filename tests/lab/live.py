"""The live system of the medium, started past the boot menu, up to a root shell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.lab.installation import BOOT_SECONDS
from tests.lab.machine import DirectBoot, Machine, RunningMachine, running
from tests.lab.places import netboot_folder

_LIVE = (
    "rd.live.dir=flexvdi rd.live.squashimg=host.squashfs rd.live.image "
    "rd.live.overlay.overlayfs=1 rd.auto=0 rd.lvm=0 rd.md=0 rd.dm=0 rd.luks=0 rd.multipath=0 "
    "loglevel=4 console=tty0 console=ttyS0,115200"
)


def label_of(iso: Path) -> str:
    """The volume label of a medium, which the live system is found by."""
    return str(json.loads(iso.with_name(f"{iso.name}.json").read_text())["label"])


def live_boot(iso: Path, arguments: str = "") -> DirectBoot:
    """Kernel and initrd of the medium with its own arguments and some more."""
    files = netboot_folder()
    line = f"root=live:CDLABEL={label_of(iso)} {_LIVE} {arguments}".strip()
    return DirectBoot(files / "vmlinuz", files / "initrd.img", line)


@contextmanager
def rescue_shell(
    machine: Machine, iso: Path, folder: Path, arguments: str = ""
) -> Iterator[RunningMachine]:
    """The rescue shell of the medium on the serial line, at a prompt of its own."""
    started = replace(machine, cdrom=iso, direct_boot=live_boot(iso, f"inst.rescue {arguments}"))
    with running(started, folder) as run:
        run.console.wait_for(r"root@\S+#", BOOT_SECONDS)
        run.console.command("stty cols 500; bind 'set enable-bracketed-paste off'; PS1='# '", 300)
        yield run
