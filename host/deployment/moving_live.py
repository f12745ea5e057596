"""Moving a Manager to another host while it runs, on storage that both use."""

from __future__ import annotations

from typing import Any

from foundation.failure import Failure
from host.deployment.descriptor import DESCRIPTOR_NAME, Kept, forget, in_folder, keep
from host.deployment.other_host import OtherHost
from host.deployment.running import is_active, required
from host.deployment.work import StepMaker, Undertaking, Work
from host.jobs import JobRecord, JobStep
from host.machine import Machine


def move_live(work: Work, destination: str) -> JobRecord:
    """Move it while it runs; both hosts must see its folder at the same path."""
    machine, kept = work.machine, required(work.machine)
    descriptor = kept.descriptor
    domain = machine.manager.domains.find(descriptor.name)
    if domain is None or domain.state != "running":
        raise Failure("The Manager does not run here.", "Start it, or move it without --live.")
    if not descriptor.direct or not machine.manager.images.try_storage(kept.folder).shared:
        raise Failure(
            f"{kept.folder} is not on storage that two hosts can use at once.",
            "Move it without --live: it is stopped and copied.",
        )
    facts = {
        "destination": destination,
        "there": OtherHost(machine, destination).name(work.host),
        "kept": kept.model_dump(mode="json"),
    }
    title = f"Move the Manager to {destination}, running"
    return work.run(
        Undertaking("live-move", title, "manager move", facts), live_move_steps(facts, work)
    )


def live_move_steps(facts: dict[str, Any], work: Work) -> tuple[JobStep, ...]:
    """What is done follows from ``facts`` alone, and from what is there."""
    machine, kept = work.machine, Kept(**facts["kept"])
    other, descriptor = OtherHost(machine, facts["destination"]), kept.descriptor

    def is_gone() -> bool:
        return machine.manager.domains.find(descriptor.name) is None

    def see_folder() -> None:
        other.require_none()
        if not other.read(kept.path(DESCRIPTOR_NAME)):
            raise Failure(
                f"{other.address} does not see {kept.folder}.",
                "Mount the same storage at the same path over there.",
            )

    def migrate() -> None:
        machine.manager.domains.migrate(descriptor.name, f"qemu+ssh://{other.address}/system")

    def hand_over() -> None:
        now = in_folder(machine, kept.folder) or kept
        if now.descriptor.running_on != facts["there"]:
            moved = now.descriptor.changed(
                running_on=facts["there"], epoch=now.descriptor.epoch + 1
            )
            keep(machine, Kept(folder=kept.folder, descriptor=moved))
        other.adopt(kept.folder)
        forget(machine)

    step = StepMaker("live-move", machine, lambda: facts, undo_live_move)

    return (
        step("look", f"See that {other.address} can take it", see_folder, is_done=is_gone),
        step("migrate", f"Move it to {other.address} while it runs", migrate, is_done=is_gone),
        step("hand-over", "Let the descriptor say so", hand_over, final=True),
    )


def undo_live_move(name: str, found: dict[str, Any], machine: Machine) -> None:
    """Take back a step of a move; while the guest is still here, nothing has changed."""
    kept = Kept(**found["kept"])
    if name.partition("/")[2] == "migrate" and not is_active(machine, kept.descriptor.name):
        raise Failure(
            f"The Manager is on {found['there']} already.",
            "Go on with the move: `flexvdi-config job resume` and its number.",
        )
