"""What a host image says of itself, from inside: ``/usr/lib/flexvdi/release.json``.

The build writes it into the root tree; the installer, flexVDI Config and the first boot read it.
It carries what differs between distributions as data, so that no other code asks which one it is.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from foundation.failure import Failure

RELEASE_PATH = Path("usr/lib/flexvdi/release.json")


class BootFiles(BaseModel):
    """Where the boot files lie in the root tree (absolute paths inside it) and what they expect.

    ``grub_directory`` is the folder of GRUB under ``/boot`` (``grub`` or ``grub2``);
    ``grub_mkimage`` and ``grub_bios_setup`` the programs that make GRUB's core for BIOS and write
    it to a disk, ``grub_bios_modules`` what they make it of; ``efi_vendor`` the folder under
    ``EFI/`` of the ESP in which the signed GRUB looks for its ``grub.cfg``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kernel: str
    initrd: str
    grub_directory: str
    grub_mkimage: str
    grub_bios_setup: str
    grub_bios_modules: str
    shim: str
    mok_manager: str
    grub_efi: str
    efi_vendor: str


class ImageRelease(BaseModel):
    """Identity of a host image and the facts of its base that the running system needs.

    ``services`` maps our names for services (``chrony``, ``ssh``, …) to the base's unit names;
    ``places`` overrides where daemons look for drop-ins (see host.document.system_files).
    ``kernel_arguments`` are what this base always boots an installed host with.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    product: str
    version: str
    base: str
    base_release: str
    build_id: str
    kernel_version: str
    displays: tuple[str, ...]
    selinux: bool
    boot: BootFiles
    services: dict[str, str]
    places: dict[str, str] = {}
    kernel_arguments: tuple[str, ...] = ()


def read_release(root: Path = Path("/")) -> ImageRelease:
    """The release of the system under ``root``; raises Failure when it is no host image."""
    path = root / RELEASE_PATH
    try:
        return ImageRelease.model_validate_json(path.read_text())
    except OSError as error:
        raise Failure(
            f"{path} is missing: this system was not made from a flexVDI host image.",
            "Run this on a flexVDI host or its install medium.",
        ) from error
    except ValidationError as error:
        raise Failure(
            f"{path} is damaged or of an unknown form.",
            "Reinstall the host image.",
            details=str(error),
        ) from error
