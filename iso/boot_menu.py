"""The texts that the media boot with: GRUB's menu, the one on the ESP, the iPXE script."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import jinja2

from iso.bases.model import Base

# The folder of the host image on a medium, and the names in it.
DIRECTORY = "flexvdi"
KERNEL = "vmlinuz"
INITRD = "initrd.img"
IMAGE = "host.squashfs"
KICKSTART = "ks.cfg"
ENVIRONMENT = "boot.env"

# What the medium calls the installations made from it; the installer marks disks with it
# (installer.target.installed_mark).
INSTALLATION = "flexvdi.installation"

_TEMPLATES = Path(__file__).parent / "boot"
# dracut's part (dracut.cmdline(7)): a flat squashfs, changes in memory, no disk started.
_LIVE = (
    "rd.live.image",
    "rd.live.overlay.overlayfs=1",
    "rd.auto=0",
    "rd.lvm=0",
    "rd.md=0",
    "rd.dm=0",
    "rd.luks=0",
    "rd.multipath=0",
    "loglevel=4",
)
# Both consoles show the installer. The last one is /dev/console, where boot messages go: most
# machines have a screen or a remote one, so whoever works by serial line alone adds console=ttyS0.
_CONSOLES = ("console=ttyS0,115200", "console=tty0")


@dataclass(frozen=True)
class BootTexts:
    """Contents of the configuration files of one build."""

    menu: str
    esp: str
    ipxe: str


def label_of(version: str, build_id: str) -> str:
    """The volume label; unique to a build, for two sticks may be plugged in at once."""
    fitting = re.sub(r"[^A-Za-z0-9_-]", "_", version)[:17]
    return f"FLEXVDI-{fitting}-{build_id[:6].upper()}"


def boot_texts(base: Base, version: str, label: str) -> BootTexts:
    """Render the texts for a medium with the volume label ``label``."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    medium = (
        f"root=live:CDLABEL={label}",
        f"rd.live.dir={DIRECTORY}",
        f"rd.live.squashimg={IMAGE}",
    )
    values = {
        "version": version,
        "directory": DIRECTORY,
        "grub_directory": base.media.grub_directory,
        "marker": marker_of(label),
        "kickstart_location": f"cdrom:/{DIRECTORY}/{KICKSTART}",
        "console_arguments": " ".join(_CONSOLES),
        "installation": label.lower(),
        "installation_argument": INSTALLATION,
    }

    live = _LIVE + base.live_arguments

    def render(name: str, arguments: tuple[str, ...]) -> str:
        return environment.get_template(name).render(values, live_arguments=" ".join(arguments))

    return BootTexts(
        menu=render("grub.cfg.j2", medium + live),
        esp=render("esp-grub.cfg.j2", ()),
        ipxe=render("boot.ipxe.j2", live),
    )


def marker_of(label: str) -> str:
    """A file only this medium has, by which GRUB finds it whatever renamed the volume."""
    return f"/{DIRECTORY}/{label.lower()}.medium"
