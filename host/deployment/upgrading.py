"""A newer system image in the place of the old one; the data stay.

Its first start brings the data to its own form, from which an older image knows no way back. So
they are copied while the Manager is off, and come back with the old image if the new one does not
answer.
"""

from __future__ import annotations

from typing import Any

from host.deployment.appliance import Appliance, refuse_damaged
from host.deployment.deploying import refuse_open
from host.deployment.descriptor import Kept, ManagerDescriptor, keep
from host.deployment.running import (
    force_off,
    is_active,
    patience,
    required,
    start,
    stop,
    wait_until_answering,
)
from host.deployment.versions import refuse_older
from host.deployment.work import StepMaker, Undertaking, Work
from host.jobs import JobRecord, JobStep
from host.machine import Machine


def upgrade(work: Work, image: Appliance) -> JobRecord:
    """Swap the system image; if the new one does not answer, the old one comes back."""
    kept = required(work.machine)
    before = kept.descriptor
    refuse_older(before.version, image.version)
    refuse_open(work.jobs)
    # Of an earlier upgrade. From here on, what is there tells how far this one is.
    for name in _left_beside(before):
        work.machine.manager.images.remove(kept.path(name))
    facts = {
        "folder": kept.folder,
        "descriptor": before.model_dump(mode="json"),
        "host": work.host,
        "image": vars(image),
    }
    title = f"Upgrade the Manager from {before.version} to {image.version}"
    return work.run(
        Undertaking("upgrade", title, "manager upgrade", facts), upgrade_steps(facts, work)
    )


def upgrade_steps(facts: dict[str, Any], work: Work) -> tuple[JobStep, ...]:
    """What is done follows from ``facts`` alone, and from what is there."""
    machine, host = work.machine, str(facts["host"])
    image, before = Appliance(**facts["image"]), ManagerDescriptor(**facts["descriptor"])
    images = machine.manager.images
    kept = Kept(folder=facts["folder"], descriptor=before)
    system, data = kept.path(before.system), kept.path(before.data)
    new, previous = f"{system}.new", f"{system}.previous"

    def is_swapped() -> bool:
        return images.info(new) is None and images.info(previous) is not None

    def is_copied() -> bool:
        return images.info(new) is not None or is_swapped()

    def swap() -> None:
        if images.info(system) is not None:
            images.rename(system, previous)
        images.rename(new, system)

    def put_down() -> None:
        now = required(machine)
        descriptor = now.descriptor.changed(version=image.version, base=image.base)
        keep(machine, Kept(folder=now.folder, descriptor=descriptor))
        images.remove(f"{data}.previous")

    step = StepMaker("upgrade", machine, lambda: facts, undo_upgrade)

    return (
        step(
            "verify",
            f"Check the image {image.path}",
            lambda: refuse_damaged(machine, image, work.report, work.cancel),
            is_done=is_copied,
        ),
        step(
            "copy",
            "Copy it beside the old one",
            lambda: images.copy(image.path, new, work.report, work.cancel),
            is_done=is_copied,
        ),
        step(
            "stop",
            "Shut the Manager down",
            lambda: stop(machine, host, patience(work.is_emulated())),
            is_done=lambda: is_swapped() or not is_active(machine, before.name),
        ),
        step(
            "keep",
            "Copy its data, until the new image has answered",
            lambda: images.copy(data, f"{data}.previous", work.report, work.cancel),
            is_done=is_swapped,
        ),
        step("swap", "Put the new image in its place", swap, is_done=is_swapped),
        step(
            "start",
            "Start it",
            lambda: start(machine, host),
            is_done=lambda: is_active(machine, before.name),
        ),
        step("wait", "Wait until it answers", lambda: wait_until_answering(work)),
        step("record", "Keep its version", put_down),
    )


def undo_upgrade(name: str, found: dict[str, Any], machine: Machine) -> None:
    """Take back a step of an upgrade."""
    before = ManagerDescriptor(**found["descriptor"])
    kept = Kept(folder=found["folder"], descriptor=before)
    system, data = kept.path(before.system), kept.path(before.data)
    images = machine.manager.images
    match name.partition("/")[2]:
        case "copy":
            images.remove(f"{system}.new")
            images.remove(kept.path(f".{before.system}.new.part"))
        case "stop":
            if before.running_on:
                start(machine, found["host"])
        case "keep":
            images.remove(f"{data}.previous")
            images.remove(kept.path(f".{before.data}.previous.part"))
        case "swap":
            if images.info(f"{system}.previous") is not None:
                # A host that went down meanwhile may have started it by itself.
                force_off(machine, found["host"])
                _bring_back(f"{data}.previous", data, machine)
                images.rename(f"{system}.previous", system)
        case "start":
            force_off(machine, found["host"])
            _bring_back(f"{data}.previous", data, machine)
        case "record":
            now = required(machine).descriptor
            old = now.changed(version=before.version, base=before.base)
            keep(machine, Kept(folder=found["folder"], descriptor=old))


def _left_beside(descriptor: ManagerDescriptor) -> tuple[str, ...]:
    system = descriptor.system
    return f"{system}.new", f"{system}.previous", f"{descriptor.data}.previous"


def _bring_back(copy: str, place: str, machine: Machine) -> None:
    images = machine.manager.images
    if images.info(copy) is not None:
        images.rename(copy, place)
