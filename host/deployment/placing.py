"""A Manager that exists already comes to this host, leaves it, or is destroyed."""

from __future__ import annotations

from typing import Any, Literal

from foundation.failure import Failure
from host.api.manager import FoundManager
from host.deployment.descriptor import (
    DESCRIPTOR_NAME,
    Kept,
    find_all,
    forget,
    in_folder,
    keep,
    kept_on,
)
from host.deployment.domain_xml import CONSOLE_LOGS, Hypervisor, descriptor_id_of, domain_xml
from host.deployment.running import require_off
from host.deployment.suggesting import places_to_look
from host.machine import Machine

Accelerator = Literal["kvm", "tcg"]


def found(machine: Machine) -> tuple[FoundManager, ...]:
    """Below all that is mounted, and where this host already knows of one."""
    known = kept_on(machine)
    managers = {one.folder: one for one in find_all(machine, places_to_look(machine))}
    if known is not None:
        managers.setdefault(known.folder, known)
    return tuple(
        FoundManager(
            folder=one.folder,
            name=one.descriptor.name,
            address=one.descriptor.ip,
            version=one.descriptor.version,
            running_on=one.descriptor.running_on,
            known=known is not None and known.descriptor.id == one.descriptor.id,
        )
        for one in managers.values()
    )


def adopt(machine: Machine, folder: str, accelerator: Accelerator) -> Kept:
    """Define the Manager in ``folder`` and keep where it is; it is not started."""
    kept = in_folder(machine, folder.rstrip("/"))
    if kept is None:
        raise Failure(
            f"There is no Manager in {folder}: it has no {DESCRIPTOR_NAME}.",
            "See `flexvdi-config manager found`.",
        )
    refuse_other(machine, kept)
    for name in (kept.descriptor.system, kept.descriptor.data):
        if machine.manager.images.info(kept.path(name)) is None:
            raise Failure(f"{kept.folder} lacks {name}.", "Import the Manager from an export.")
    define(machine, kept, accelerator)
    keep(machine, kept)
    return kept


def refuse_other(machine: Machine, kept: Kept) -> None:
    """Raise Failure where this host, or its libvirt, has another guest in the place of this one."""
    known = kept_on(machine)
    if known is not None and known.descriptor.id != kept.descriptor.id:
        raise Failure(
            f"This host already has a Manager, {known.descriptor.name} in {known.folder}.",
            "Release or remove that one first.",
        )
    name = kept.descriptor.name
    domain = machine.manager.domains.find(name)
    if domain is not None and descriptor_id_of(domain.xml) != kept.descriptor.id:
        raise Failure(
            f"libvirt already has a guest {name}, which is another one.", "Rename that guest first."
        )


def define(machine: Machine, kept: Kept, accelerator: Accelerator) -> None:
    """Have libvirt keep it, starting with the host as its descriptor says."""
    domains = machine.manager.domains
    domains.define(domain_xml(kept, Hypervisor(accelerator)))
    domains.set_autostart(kept.descriptor.name, kept.descriptor.autostart)


def release(machine: Machine) -> None:
    """Forget it here; its files stay."""
    kept = require_off(machine)
    machine.manager.domains.undefine(kept.descriptor.name)
    forget(machine)


def remove(machine: Machine, name: str) -> None:
    """Destroy it, its data and backups, the descriptor last: until then it can be found again."""
    kept = require_off(machine)
    descriptor = kept.descriptor
    if name != descriptor.name:
        raise Failure(
            f"Everything of {descriptor.name} would be lost, and that was not confirmed.",
            f"Type its name, or say --erase {descriptor.name}.",
        )
    images = machine.manager.images
    machine.manager.domains.undefine(descriptor.name)
    forget(machine)
    remove_files(machine, kept)
    for log in CONSOLE_LOGS:
        images.remove(log.format(name=descriptor.name))


def remove_files(machine: Machine, kept: Kept) -> None:
    """What lies in its folder; what is not the Manager's stays, and the folder with it."""
    images, descriptor = machine.manager.images, kept.descriptor
    for name in images.entries(kept.path("backups")):
        images.remove(kept.path(f"backups/{name}"))
    images.remove_folder(kept.path("backups"))
    disks = (descriptor.system, descriptor.data)
    beside = tuple(f"{disk}.previous" for disk in disks)
    for name in (descriptor.seed, *beside, *disks, DESCRIPTOR_NAME):
        images.remove(kept.path(name))
    images.remove_folder(kept.folder)


def facts_of(kept: Kept, machine: Machine) -> dict[str, Any]:
    """What undoing the making of a folder needs (see host.deployment.steps)."""
    return {
        "id": kept.descriptor.id,
        "name": kept.descriptor.name,
        "folder": kept.folder,
        "had_files": bool(machine.manager.images.entries(kept.folder)),
        "files": [kept.descriptor.system, kept.descriptor.data, kept.descriptor.seed],
    }
