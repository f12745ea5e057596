"""The data file of a base, typed and checked."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from foundation.failure import Failure
from foundation.image_release import BootFiles


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MediaFiles(_Table):
    """What only the install media need of the root tree; ``grub_directory`` is a path on the
    medium, and the prefix that the signed CD build of GRUB was made with.
    """

    grub_directory: str
    grub_efi_cd: str
    grub_hybrid_mbr: str
    grub_mkimage: str


class Initrd(_Table):
    """How dracut makes the one initrd of the image."""

    command: str
    modules: tuple[str, ...]
    omit_modules: tuple[str, ...]
    compress: str


class Units(_Table):
    """Which of the distribution's systemd units run, and where.

    ``live_with`` maps units that the live system runs only when the kernel line has an argument
    to that argument; ``only_with_file`` maps units to the file they make no sense without.
    """

    enabled: tuple[str, ...]
    not_live: tuple[str, ...]
    live_with: dict[str, str]
    only_with_file: dict[str, str]
    live_masked_rules: tuple[str, ...]


class Removed(_Table):
    """Glob patterns, relative to the root, of what must not be in an image; and log folders."""

    paths: tuple[str, ...]
    logs: tuple[str, ...]


class Base(_Table):
    """A distribution to make host images of.

    ``python_version`` and ``python_platforms`` say which wheels run on it. In ``boot``,
    ``{kernel}`` stands for the kernel's version; in ``os_release``, ``{version}``, ``{title}``
    and ``{build_id}`` for the image's.
    """

    name: str
    title: str
    purpose: str
    adapter: str
    release: str
    python_version: str
    python_platforms: tuple[str, ...]
    displays: tuple[str, ...]
    selinux: bool
    locales: tuple[str, ...]
    kernel_arguments: tuple[str, ...]
    adapter_settings: dict[str, Any]
    packages: dict[str, tuple[str, ...]]
    boot: BootFiles
    media: MediaFiles
    initrd: Initrd
    services: dict[str, str]
    units: Units
    remove: Removed
    os_release: dict[str, str]

    @property
    def all_packages(self) -> tuple[str, ...]:
        """Every package of every group, sorted, once."""
        return tuple(sorted({name for group in self.packages.values() for name in group}))

    def boot_files(self, kernel: str) -> BootFiles:
        """``boot`` with the kernel's version filled in."""
        return BootFiles(
            **{
                name: value.replace("{kernel}", kernel)
                for name, value in self.boot.model_dump().items()
            }
        )


def read_base(path: Path) -> Base:
    """Read a base's data file; raises Failure that names the file and the wrong entry."""
    try:
        with path.open("rb") as stream:
            return Base.model_validate(tomllib.load(stream))
    except OSError as error:
        raise Failure(
            f"The base's data file could not be read: {error.strerror}.",
            "Look at its path and permissions.",
            where=str(path),
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise Failure(f"Not valid TOML: {error}.", "Correct the file.", where=str(path)) from error
    except ValidationError as error:
        first = error.errors()[0]
        entry = ".".join(str(part) for part in first["loc"])
        raise Failure(
            f"{entry}: {first['msg']}.", "Correct the data file of the base.", where=str(path)
        ) from error
