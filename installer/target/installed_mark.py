"""A mark on every disk that was made bootable, by which the medium knows its own work again.

A firmware that starts the medium before the disks would otherwise have an unattended installation
begin anew after each reboot. The medium's menu looks for the mark and starts the host instead
(iso/boot/grub.cfg.j2).
"""

from __future__ import annotations

import re

from foundation.atomic_file import write_atomically
from foundation.process import run
from installer.engine.step import InstallContext
from installer.target.bootloader import mounted_esp

_ARGUMENT = "flexvdi.installation"
_FOLDER = "flexvdi"


def leave_mark(context: InstallContext) -> None:
    """The last thing that is written: whatever ended before is installed again."""
    installation = context.kernel_command_line.last(_ARGUMENT) or ""
    if not re.fullmatch(r"[a-z0-9_-]{1,32}", installation):
        return
    if context.plan.bootloader.location == "none":
        return
    for disk in context.layout.boot_disks:
        with mounted_esp(context, disk) as esp:
            (esp / _FOLDER).mkdir(exist_ok=True)
            write_atomically(esp / _FOLDER / f"{installation}.installed", "")
            run(["sync", "--file-system", str(esp)], timeout=300)
