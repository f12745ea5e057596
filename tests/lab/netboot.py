"""The network-boot set, served to machines with or without iPXE."""

from __future__ import annotations

import re
from pathlib import Path

from tests.lab.machine import DirectBoot
from tests.lab.places import netboot_folder


def served_set(folder: Path, kickstart: str) -> Path:
    """A folder to serve: the network-boot set, with the kickstart beside it as ``ks.cfg``."""
    served = folder / "served"
    served.mkdir(parents=True)
    for path in netboot_folder().iterdir():
        (served / path.name).symlink_to(path)
    (served / "ks.cfg").write_text(kickstart)
    return served


def network_boot(url: str, arguments: str) -> DirectBoot:
    """What the set's iPXE script would start; QEMU's own iPXE knows IPv4 alone."""
    files = netboot_folder()
    script = (files / "boot.ipxe").read_text()
    found = re.search(r"^kernel \S+ (.*) \|\|", script, re.MULTILINE)
    assert found is not None, script
    line = found[1].replace("${flexvdi-url}", f"{url}/")
    line = line.replace("${flexvdi-arguments}", arguments)
    return DirectBoot(files / "vmlinuz", files / "initrd.img", line)
