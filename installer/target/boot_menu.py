"""GRUB's files as text: the slot-aware menu, its environment, and the stub on each ESP. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

import jinja2

from foundation.kernel_command_line import KernelCommandLine
from foundation.secret import Secret

FIRST_SLOT = "a"
_DEFAULT_TIMEOUT = 5
_ENVIRONMENT_SIZE = 1024  # GRUB's grubenv is one block of exactly this size, padded with #
_ENVIRONMENT_HEADER = "# GRUB Environment Block\n"


@dataclass(frozen=True)
class BootPlace:
    """Where ``/boot`` lies: the UUID of its filesystem, and its path on it.

    ``path`` is empty when ``/boot`` is a filesystem of its own, else ``/boot``.
    """

    uuid: str
    path: str


def _render(name: str, **values: object) -> str:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("installer.target", ""),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name).render(**values)


def menu_text(
    *,
    place: BootPlace,
    product: str,
    timeout: int | None,
    password_hash: Secret | None,
    live: KernelCommandLine,
) -> str:
    """``grub.cfg``; with a password, only the default entries start without it."""
    unit, speed = serial_line(live)
    return _render(
        "grub.cfg.j2",
        boot=place.path,
        product=product,
        timeout=_DEFAULT_TIMEOUT if timeout is None else timeout,
        password_hash=password_hash.reveal() if password_hash else "",
        serial_unit=unit,
        serial_speed=speed,
    )


def stub_text(place: BootPlace, grub_directory: str) -> str:
    """The small ``grub.cfg`` on an ESP, which the signed GRUB reads first."""
    return _render(
        "esp-grub.cfg.j2", uuid=place.uuid, boot=place.path, grub_directory=grub_directory
    )


def core_text(place: BootPlace, grub_directory: str) -> str:
    """What GRUB's core for BIOS runs before it reads the menu at its prefix."""
    return (
        f"search --no-floppy --fs-uuid --set=root {place.uuid}\n"
        f"set prefix=($root){place.path}/{grub_directory}\n"
    )


def environment_block(**variables: str) -> str:
    """The content of ``grubenv``."""
    text = _ENVIRONMENT_HEADER + "".join(f"{k}={v}\n" for k, v in sorted(variables.items()))
    return text.ljust(_ENVIRONMENT_SIZE, "#")


def arguments_text(arguments: str) -> str:
    """``arguments.cfg`` of a slot: a GRUB script that sets the kernel's arguments."""
    quoted = arguments.replace("\\", "\\\\").replace("'", "'\\''")
    return f"set arguments='{quoted}'\n"


def serial_line(live: KernelCommandLine) -> tuple[int, int]:
    """Unit and speed of the serial line that the live system's kernel line names (COM1 if none)."""
    for value in live.all("console"):
        found = re.match(r"ttyS(\d+)(?:,(\d+))?", value)
        if found:
            return int(found[1]), int(found[2] or 115200)
    return 0, 115200
