"""The root slots of this machine, from /boot (host.machine.slots.RootSlots).

Each slot has a folder there with its kernel, its initrd, its kernel line and, where the writer of
the slot left it, the release of the image in it. ``grubenv`` says which one starts next.
"""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path

from foundation.failure import Failure
from host.api.system import Slot

_NAMES = ("a", "b")
_VERSION_POINTER = 0x20E  # Documentation/arch/x86/boot: offset, from 0x200, of the version's text


class RealRootSlots:
    """The boot menu's files below ``root``."""

    def __init__(self, root: Path = Path("/")) -> None:
        """``root`` differs from ``/`` only in tests."""
        self._root = root

    def slots(self) -> tuple[Slot, ...]:
        """Slots that have a kernel; none on a system that was not installed by our installer."""
        running, upcoming = self._running(), self._next()
        try:
            return tuple(
                Slot(
                    name=name,
                    running=name == running,
                    next=name == upcoming,
                    kernel=self._kernel(self._root / "boot" / name / "vmlinuz"),
                    version=self._version(name, name == running),
                )
                for name in _NAMES
                if (self._root / "boot" / name / "vmlinuz").exists()
            )
        except OSError as error:
            raise Failure(f"/boot cannot be read: {error.strerror}.", "Do it as root.") from error

    def _running(self) -> str | None:
        """From BOOT_IMAGE, which GRUB puts into the kernel's command line."""
        line = self._text("proc/cmdline")
        found = re.search(r"BOOT_IMAGE=\S*/([ab])/vmlinuz", line)
        return found[1] if found else None

    def _next(self) -> str:
        for folder in ("grub", "grub2"):
            found = re.search(r"^slot=([ab])$", self._text(f"boot/{folder}/grubenv"), re.MULTILINE)
            if found:
                return found[1]
        return _NAMES[0]  # the menu's own default

    def _kernel(self, path: Path) -> str:
        with path.open("rb") as image:
            image.seek(_VERSION_POINTER)
            (offset,) = struct.unpack("<H", image.read(2))
            image.seek(offset + 0x200)
            return image.read(256).partition(b"\0")[0].decode("ascii", "replace").partition(" ")[0]

    def _version(self, name: str, running: bool) -> str:
        places = ["usr/lib/flexvdi/release.json"] if running else []
        for place in (*places, f"boot/{name}/release.json"):
            try:
                release = json.loads(self._text(place))
                return f"{release['product']} {release['version']}"
            except (ValueError, KeyError):
                continue
        return ""

    def _text(self, path: str) -> str:
        try:
            return (self._root / path).read_text(errors="replace")
        except OSError:
            return ""
