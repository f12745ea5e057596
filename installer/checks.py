"""The whole plan against the machine at once: everything that is wrong, before anything is written.

Each check stands for itself, so that a person sees all that must be corrected, not one thing per
attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from foundation.failure import Failure
from foundation.image_release import ImageRelease, read_release
from foundation.manifest import Manifest
from installer.machine.model import Machine, in_words
from installer.storage.planning import plan_layout
from installer.storage.selection import resolve_disk, resolve_disks
from kickstart.install_plan import InstallPlan

LEAST_MEMORY = 1200 << 20
"""Bytes of RAM as the kernel counts them on a machine with 1.5 GiB, with some reserve."""


def check_plan(
    plan: InstallPlan,
    machine: Machine,
    manifest: Manifest,
    release: ImageRelease | None = None,
) -> list[Failure]:
    """Everything that speaks against carrying out ``plan`` here; empty when nothing does.

    ``release`` is that of the image, by default of the running live system.
    """
    failures: dict[str, Failure] = {}

    def collect(check: Callable[[], object]) -> None:
        try:
            check()
        except Failure as failure:
            failures.setdefault(str(failure), failure)

    for check in _disk_names(plan, machine):
        collect(check)
    if not failures:
        collect(lambda: plan_layout(plan, machine, manifest.needed_size))
    collect(lambda: _check_memory(machine))
    collect(lambda: _check_payload(plan))
    collect(lambda: _check_selinux(plan, release))
    return list(failures.values())


def _disk_names(plan: InstallPlan, machine: Machine) -> Iterator[Callable[[], object]]:
    """One check for every name of a disk in the plan."""
    storage = plan.storage
    for name in storage.use.only:
        yield partial(resolve_disks, name, machine, storage.use.where)
    clearing = storage.clearing
    for name in clearing.disks if clearing else ():
        where = clearing.where if clearing else ""
        yield partial(resolve_disks, name, machine, where)
    for partition in storage.partitions:
        if partition.disk:
            yield partial(resolve_disk, partition.disk, machine, partition.where)
    loader = plan.bootloader
    for name in filter(None, (loader.boot_drive, *loader.drives)):
        yield partial(resolve_disk, name, machine, loader.where)


def _check_memory(machine: Machine) -> None:
    if 0 < machine.memory < LEAST_MEMORY:
        raise Failure(
            f"This machine has {in_words(machine.memory)} of memory; installing needs 1.5 GiB.",
            "Add memory.",
        )


def _check_payload(plan: InstallPlan) -> None:
    if plan.payload is None:
        return
    scheme = urlsplit(plan.payload.url).scheme
    if scheme not in ("file", "http", "https"):
        raise Failure(
            f"liveimg cannot fetch from {scheme or 'an address without a scheme'}.",
            "Use file:, http: or https:.",
            where=plan.payload.where,
        )


def _check_selinux(plan: InstallPlan, release: ImageRelease | None) -> None:
    if plan.selinux is None or plan.selinux.mode != "enforcing":
        return
    if release is None:
        try:
            release = read_release(Path("/"))
        except Failure:
            return  # a dry run elsewhere than on a medium: the medium will check it
    if not release.selinux:
        raise Failure(
            f"The image ({release.base}) has no SELinux to enforce.",
            "Write selinux --disabled, or use an image that has it.",
            where=plan.selinux.where,
        )
