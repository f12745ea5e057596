"""The steps of a deployment, each with probe, do and undo.

Undoing knows no more than what a step found, for it may be done by another process. Whatever it
removes is ours by the descriptor's id: a guest or a folder of somebody else is never touched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Protocol

from foundation.failure import Failure
from foundation.joining import JoinString, ManagerAddress
from host.deployment import descriptor as descriptors
from host.deployment.appliance import refuse_damaged
from host.deployment.descriptor import DESCRIPTOR_NAME, Kept, in_folder, kept_on
from host.deployment.domain_xml import CONSOLE_LOGS, descriptor_id_of
from host.deployment.plan import DeploymentPlan
from host.deployment.seed import seed_medium, seed_texts
from host.deployment.waiting import wait_for_manager
from host.jobs import JobStep
from host.machine import Machine


class Leaving(Protocol):
    """How this host leaves a Manager; undoing needs no more."""

    def leave(self, fingerprint: str) -> None:
        """Leave it; nothing happens when this host does not belong to it."""


class Joining(Leaving, Protocol):
    """How this host joins a Manager, and leaves it."""

    def is_member(self, fingerprint: str) -> bool:
        """Whether this host belongs to the Manager with that authority."""

    def join(self, wanted: JoinString) -> None:
        """Join it; raises Failure with cause and remedy, and leaves nothing half-made."""

    def follow(self, fingerprint: str, address: str, port: int) -> None:
        """Have this host dial that Manager at ``address``, if it belongs to it."""


@dataclass
class Deployment:
    """A plan under way. ``report`` is told bytes done, of how many, and what is waited for."""

    plan: DeploymentPlan
    machine: Machine
    joining: Joining
    host: str
    report: Callable[[int, int, str], None] = lambda done, total, note: None
    cancel: Event = field(default_factory=Event)

    @property
    def kept(self) -> Kept:
        """As it is beside the disks; before that, as it was planned."""
        found = in_folder(self.machine, self.plan.kept.folder)
        return found if found is not None and self.is_ours(found) else self.plan.kept

    def is_ours(self, kept: Kept | None) -> bool:
        """Whether a descriptor is that of this deployment."""
        return kept is not None and kept.descriptor.id == self.plan.kept.descriptor.id

    def write(self, **values: object) -> Kept:
        """Change the descriptor beside the disks."""
        kept = Kept(folder=self.kept.folder, descriptor=self.kept.descriptor.changed(**values))
        path = kept.path(DESCRIPTOR_NAME)
        self.machine.manager.images.write(path, kept.descriptor.text().encode(), 0o644)
        return kept

    def bytes_done(self, done: int, total: int) -> None:
        """Progress of what is counted in bytes."""
        self.report(done, total, "")


def steps_of(deployment: Deployment) -> tuple[JobStep, ...]:
    """The steps, with the titles of the plan."""
    machine = deployment.machine
    kept = deployment.plan.kept

    def step(name: str, title: str) -> JobStep:
        is_done, do = _STEPS[name]
        return JobStep(
            name=name,
            title=title,
            is_done=lambda: is_done(deployment),
            capture=lambda: _facts(kept, machine),
            do=lambda: do(deployment),
            undo=lambda found: undo_step(name, found, machine, deployment.joining),
        )

    return tuple(step(name, title) for name, title in deployment.plan.steps())


def undo_step(name: str, found: dict[str, Any], machine: Machine, leaving: Leaving) -> None:
    """Take back what the step of that name did."""
    undo = _UNDO.get(name)
    if undo is not None:
        undo(found, machine, leaving)


def undo_files(name: str, found: dict[str, Any], machine: Machine) -> None:
    """Take back a step of an import; its names are those here, after a slash."""
    for part in _IMPORTED.get(name.partition("/")[2], ()):
        _UNDO[part](found, machine, _NobodyLeaves())


class _NobodyLeaves:
    """For what has nothing to do with joining."""

    def leave(self, fingerprint: str) -> None:
        return


def _facts(kept: Kept, machine: Machine) -> dict[str, Any]:
    return {
        "id": kept.descriptor.id,
        "name": kept.descriptor.name,
        "folder": kept.folder,
        "had_files": bool(machine.manager.images.entries(kept.folder)),
        "files": [kept.descriptor.system, kept.descriptor.data, kept.descriptor.seed],
    }


def _verify(now: Deployment) -> None:
    refuse_damaged(now.machine, now.plan.image, now.bytes_done, now.cancel)


def _allocate(now: Deployment) -> None:
    images, kept = now.machine.manager.images, now.plan.kept
    if images.entries(kept.folder):
        raise Failure(
            f"{kept.folder} already holds files.", "Choose another name or folder for the Manager."
        )
    images.make_folder(kept.folder)
    now.write()


def _copy(now: Deployment) -> None:
    system = now.kept.path(now.kept.descriptor.system)
    now.machine.manager.images.copy(now.plan.image.path, system, now.bytes_done, now.cancel)


def _grow(now: Deployment) -> None:
    images, kept = now.machine.manager.images, now.kept
    system = images.info(kept.path(kept.descriptor.system))
    if system is not None and system.virtual_size < now.plan.image.virtual_size:
        images.grow(kept.path(kept.descriptor.system), now.plan.image.virtual_size)
    images.create(kept.path(kept.descriptor.data), now.plan.data_disk)


def _seed(now: Deployment) -> None:
    kept = now.kept
    now.machine.manager.images.write(kept.path(kept.descriptor.seed), _medium(now))


def _medium(now: Deployment) -> bytes:
    return seed_medium(now.plan.seed)


def _define(now: Deployment) -> None:
    ports, name = now.machine.manager, now.plan.kept.descriptor.name
    domain = ports.domains.find(name)
    if domain is not None and descriptor_id_of(domain.xml) != now.plan.kept.descriptor.id:
        raise Failure(
            f"libvirt already has a guest {name}, which is another one.",
            "Choose another name, or remove that guest.",
        )
    # What an earlier guest of this name said must not be taken for the words of this one.
    for log in CONSOLE_LOGS:
        ports.images.remove(log.format(name=name))
    ports.domains.define(now.plan.xml)


def _start(now: Deployment) -> None:
    kept = now.kept
    now.write(epoch=kept.descriptor.epoch + 1, running_on=now.host)
    now.machine.manager.domains.renew_console(kept.descriptor.name)
    now.machine.manager.domains.start(kept.descriptor.name)


def _wait(now: Deployment) -> None:
    found = wait_for_manager(
        now.machine,
        now.kept.descriptor,
        needs_setup=now.plan.request.password_hash is None,
        report=lambda words: now.report(0, 0, words),
        cancel=now.cancel,
        emulated=now.plan.hypervisor.accelerator == "tcg",
    )
    now.write(fingerprint=found.fingerprint, version=found.version)


def _enrol(now: Deployment) -> None:
    described = now.kept.descriptor
    manager = ManagerAddress(described.ip, described.port, described.fingerprint)
    now.joining.join(JoinString(manager, now.plan.join_token))


def _record(now: Deployment) -> None:
    kept = now.write(state="ready")
    descriptor = kept.descriptor
    # The secrets of the first start have been used; the next start is told the network alone.
    seed = seed_medium(seed_texts(descriptor, None))
    now.machine.manager.images.write(kept.path(descriptor.seed), seed)
    now.machine.manager.domains.set_autostart(descriptor.name, descriptor.autostart)
    descriptors.keep(now.machine, kept)


def _has_file(name: str) -> Callable[[Deployment], bool]:
    def is_there(now: Deployment) -> bool:
        kept = now.plan.kept
        path = kept.path(getattr(kept.descriptor, name))
        return now.machine.manager.images.info(path) is not None

    return is_there


def _is_defined(now: Deployment) -> bool:
    domain = now.machine.manager.domains.find(now.plan.kept.descriptor.name)
    return domain is not None and descriptor_id_of(domain.xml) == now.plan.kept.descriptor.id


def _is_running(now: Deployment) -> bool:
    domain = now.machine.manager.domains.find(now.plan.kept.descriptor.name)
    return domain is not None and domain.state == "running"


_Step = tuple[Callable[[Deployment], bool], Callable[[Deployment], None]]
_STEPS: dict[str, _Step] = {
    "verify": (_has_file("system"), _verify),
    "allocate": (lambda now: now.is_ours(in_folder(now.machine, now.plan.kept.folder)), _allocate),
    "copy": (_has_file("system"), _copy),
    "grow": (_has_file("data"), _grow),
    "seed": (
        lambda now: (
            now.machine.manager.images.read(now.kept.path(now.kept.descriptor.seed)) == _medium(now)
        ),
        _seed,
    ),
    "define": (_is_defined, _define),
    "start": (_is_running, _start),
    "wait": (lambda now: False, _wait),
    "enrol": (lambda now: now.joining.is_member(now.kept.descriptor.fingerprint), _enrol),
    "record": (
        lambda now: now.kept.descriptor.state == "ready" and now.is_ours(kept_on(now.machine)),
        _record,
    ),
}


def _owned(found: dict[str, Any], machine: Machine) -> Kept | None:
    """The descriptor in the folder, if it is that of this deployment."""
    kept = in_folder(machine, found["folder"])
    return kept if kept is not None and kept.descriptor.id == found["id"] else None


def _remove_folder(found: dict[str, Any], machine: Machine, _leaving: Leaving) -> None:
    # Of a write that was killed there is no whole descriptor, but something of it.
    none_is_whole = in_folder(machine, found["folder"]) is None and not found["had_files"]
    if none_is_whole or _owned(found, machine) is not None:
        machine.manager.images.remove(f"{found['folder']}/{DESCRIPTOR_NAME}")
    if not found["had_files"]:
        machine.manager.images.remove_folder(found["folder"])


def _remove_file(number: int) -> Callable[[dict[str, Any], Machine, Leaving], None]:
    def undo(found: dict[str, Any], machine: Machine, _leaving: Leaving) -> None:
        if _owned(found, machine) is not None:
            name = found["files"][number]
            machine.manager.images.remove(f"{found['folder']}/{name}")
            machine.manager.images.remove(f"{found['folder']}/.{name}.part")

    return undo


def _force_off(found: dict[str, Any], machine: Machine, _leaving: Leaving) -> None:
    domain = machine.manager.domains.find(found["name"])
    if domain is not None and descriptor_id_of(domain.xml) == found["id"]:
        machine.manager.domains.force_off(found["name"])


def _undefine(found: dict[str, Any], machine: Machine, leaving: Leaving) -> None:
    domain = machine.manager.domains.find(found["name"])
    if domain is not None and descriptor_id_of(domain.xml) == found["id"]:
        _force_off(found, machine, leaving)
        machine.manager.domains.undefine(found["name"])
        for log in CONSOLE_LOGS:
            machine.manager.images.remove(log.format(name=found["name"]))


def _leave(found: dict[str, Any], machine: Machine, leaving: Leaving) -> None:
    kept = _owned(found, machine)
    if kept is not None and kept.descriptor.fingerprint:
        leaving.leave(kept.descriptor.fingerprint)


def _unrecord(found: dict[str, Any], machine: Machine, _leaving: Leaving) -> None:
    kept = kept_on(machine)
    if kept is not None and kept.descriptor.id == found["id"]:
        descriptors.forget(machine)


_Undo = Callable[[dict[str, Any], Machine, Leaving], None]
_UNDO: dict[str, _Undo] = {
    "allocate": _remove_folder,
    "copy": _remove_file(0),
    "grow": _remove_file(1),
    "seed": _remove_file(2),
    "define": _undefine,
    "start": _force_off,
    "enrol": _leave,
    "record": _unrecord,
}
# Steps of an import, and what of a deployment they amount to.
_IMPORTED: dict[str, tuple[str, ...]] = {
    "allocate": ("allocate",),
    "unpack": ("copy", "grow", "seed"),
    "define": ("define",),
    "record": ("record",),
}
