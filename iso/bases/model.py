"""The data file of a base, typed and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from foundation.failure import Failure
from foundation.image_release import BootFiles
from iso.bases.lock import Lock, read_lock


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MediaFiles(_Table):
    """What only the install media need of the root tree; ``grub_directory`` is a path on the
    medium: the prefix that the signed CD build of GRUB was made with, unless that is ``EFI/BOOT``.
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
    ``masked`` are those that others would pull in, and that must never run.
    """

    enabled: tuple[str, ...]
    not_live: tuple[str, ...]
    live_with: dict[str, str]
    only_with_file: dict[str, str]
    masked: tuple[str, ...]
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

    ``cpu`` is the least level of processor that its programs run on (``x86-64-v3``; empty for any
    64-bit one), ``cpu_alternative`` the base for older ones. ``display_packages`` are those that a
    display protocol needs and nothing else; ``display_files`` prove that QEMU serves it (patterns
    below the root). ``places`` is what :class:`~foundation.image_release.ImageRelease` says.
    ``files`` (path to content) lie in the image beside those of its packages, or instead of them.
    ``newest`` are files that their readers believe only if they are newer than what they were made
    of.
    ``live_arguments`` are added to the kernel line of the live system. ``lock`` is what a build
    must consist of, where ``<name>.lock`` lies beside the data file.
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
    cpu: Literal["", "x86-64-v2", "x86-64-v3"] = ""
    cpu_alternative: str = ""
    display_packages: dict[str, tuple[str, ...]] = {}
    display_files: dict[str, tuple[str, ...]] = {}
    places: dict[str, str] = {}
    files: dict[str, str] = {}
    newest: tuple[str, ...] = ()
    live_arguments: tuple[str, ...] = ()
    lock: Lock | None = None

    @property
    def all_packages(self) -> tuple[str, ...]:
        """Every package of every group, sorted, once."""
        groups = (*self.packages.values(), *self.display_packages.values())
        return tuple(sorted({name for group in groups for name in group}))

    def with_display(self, display: str) -> Base:
        """The base as it is built to serve ``display`` at most.

        Raises Failure when its packages always serve another one as well.
        """
        if display not in self.displays:
            raise Failure(
                f"{self.title} does not serve {display}.",
                f"Choose one of: {', '.join(self.displays)}.",
            )
        others = set(self.displays) - {display}
        if display != "vnc" or not others:
            return self
        always = sorted(other for other in others if not self.display_packages.get(other))
        if always:
            raise Failure(
                f"{self.title} serves {', '.join(always)} in any case: no package can be left out.",
                "Build it without --display.",
            )
        kept = {name: group for name, group in self.display_packages.items() if name not in others}
        # A lock tells every package of the other image; this one has none.
        return self.model_copy(
            update={"displays": (display,), "display_packages": kept, "lock": None}
        )

    def boot_files(self, kernel: str) -> BootFiles:
        """``boot`` with the kernel's version filled in."""
        return BootFiles(
            **{
                name: value.replace("{kernel}", kernel)
                for name, value in self.boot.model_dump().items()
            }
        )


def read_base(path: Path) -> Base:
    """Read a base's data file; raises Failure that names the file and the wrong entry.

    A file may say ``like = "NAME"``: it then holds only what differs from that base, and names in
    ``without`` what it does not take over (``table.key``).
    """
    try:
        base = Base.model_validate(_entries(path))
    except ValidationError as error:
        first = error.errors()[0]
        entry = ".".join(str(part) for part in first["loc"])
        raise Failure(
            f"{entry}: {first['msg']}.", "Correct the data file of the base.", where=str(path)
        ) from error
    lock = path.with_suffix(".lock")
    if base.name == path.stem and lock.exists():
        return base.model_copy(update={"lock": read_lock(lock)})
    return base


def _entries(path: Path) -> dict[str, Any]:
    """The file's entries, over those of the base that it is like."""
    try:
        with path.open("rb") as stream:
            own = tomllib.load(stream)
    except OSError as error:
        raise Failure(
            f"The base's data file could not be read: {error.strerror}.",
            "Look at its path and permissions.",
            where=str(path),
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise Failure(f"Not valid TOML: {error}.", "Correct the file.", where=str(path)) from error
    like, without = own.pop("like", None), own.pop("without", [])
    if like is None:
        return own
    beside = path.with_name(f"{like}.toml")
    known = beside if beside.exists() and beside != path else Path(__file__).with_name(beside.name)
    inherited = _entries(known)
    for entry in without:
        *tables, key = entry.split(".")
        table = inherited
        for name in tables:
            table = table.get(name, {})
        if table.pop(key, None) is None:
            raise Failure(f"without: {like} has no {entry}.", "Correct the file.", where=str(path))
    return _laid_over(inherited, own)


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Tables entry by entry; everything else as ``above`` says."""
    merged = dict(below)
    for name, value in above.items():
        known = merged.get(name)
        both = isinstance(known, dict) and isinstance(value, dict)
        merged[name] = _laid_over(known, value) if both and known else value
    return merged
