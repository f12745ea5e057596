"""Moving a Manager to another host, by copying it while it is off (for running, moving_live).

Until it answers over there, nothing of it is given up here, and it can be taken back. Before it is
started there, this host lets it go: neither libvirt, when this host comes up, nor a person starts
it here as well. From when it has answered there, the move can only go on.
"""

from __future__ import annotations

import logging
import secrets
from typing import Any

from foundation.failure import Failure
from host.deployment.descriptor import (
    DESCRIPTOR_NAME,
    Kept,
    ManagerDescriptor,
    forget,
    keep,
    kept_on,
)
from host.deployment.other_host import OtherHost
from host.deployment.placing import remove_files
from host.deployment.running import is_active, patience, required, start, stop
from host.deployment.work import StepMaker, Undertaking, Work
from host.jobs import JobRecord, JobStep
from host.machine import Machine

log = logging.getLogger("flexvdi.deployment")

_BACKUPS = "backups"
_MARK = ".moving"


def move_cold(work: Work, destination: str, folder: str) -> JobRecord:
    """Stop it, copy it to ``folder`` over there, start it there, then remove it here."""
    machine, kept = work.machine, required(work.machine)
    descriptor = kept.descriptor
    domain = machine.manager.domains.find(descriptor.name)
    facts = {
        "destination": destination,
        "there": OtherHost(machine, destination).name(work.host),
        "place": f"{folder.rstrip('/')}/{descriptor.name}",
        "host": work.host,
        "kept": kept.model_dump(mode="json"),
        "runs": domain is not None and domain.is_active,
        "autostart": domain is not None and domain.autostart,
    }
    title = f"Move the Manager to {destination}"
    return work.run(Undertaking("move", title, "manager move", facts), move_steps(facts, work))


def move_steps(facts: dict[str, Any], work: Work) -> tuple[JobStep, ...]:
    """What is done follows from ``facts`` alone, and from what is there."""
    machine, kept = work.machine, Kept(**facts["kept"])
    domains, descriptor = machine.manager.domains, kept.descriptor
    other, place = OtherHost(machine, facts["destination"]), facts["place"]

    def is_handed_over() -> bool:
        now = kept_on(machine)
        return now is None or now.descriptor.running_on == facts["there"]

    def copy() -> None:
        paths = [kept.path(name) for name in _files(descriptor)]
        other.send(paths, place, work.report, work.cancel)
        backups = machine.manager.images.entries(kept.path(_BACKUPS))
        if backups:
            paths = [kept.path(f"{_BACKUPS}/{name}") for name in backups]
            other.send(paths, f"{place}/{_BACKUPS}", work.report, work.cancel)

    def hand_over() -> None:
        domains.set_autostart(descriptor.name, False)
        now = required(machine).descriptor
        gone = now.changed(running_on=facts["there"])
        keep(machine, Kept(folder=kept.folder, descriptor=gone))

    def retire() -> None:
        domains.undefine(descriptor.name)
        forget(machine)
        remove_files(machine, kept)

    step = StepMaker("move", machine, lambda: facts, undo_move)

    look = step(
        "look",
        f"See that {other.address} can take it",
        lambda: _look(other, machine, kept, place),
        is_done=is_handed_over,
    )
    stopping = step(
        "stop",
        "Shut the Manager down",
        lambda: stop(machine, facts["host"], patience(work.is_emulated())),
        is_done=lambda: not is_active(machine, descriptor.name),
    )
    starting = (
        step("start", "Start it there", other.start),
        step(
            "wait",
            "Wait until it answers there",
            lambda: other.wait_until_answering(descriptor.id, work.say, work.cancel),
        ),
    )
    return (
        look,
        *((stopping,) if facts["runs"] else ()),
        step("copy", f"Copy it to {other.address}:{place}", copy, is_done=is_handed_over),
        step("adopt", "Define it there", lambda: other.adopt(place), is_done=is_handed_over),
        step("hand-over", "Let it go here", hand_over, is_done=is_handed_over),
        *(starting if facts["runs"] else ()),
        step("retire", "Remove it here", retire, final=True),
    )


def undo_move(name: str, found: dict[str, Any], machine: Machine) -> None:
    """Take back a step of a move.

    Whether it is off over there is asked anew before anything that would be wrong if it were not:
    two of it must never run, and what runs must not lose its disks.
    """
    part = name.partition("/")[2]
    if part == "look":
        machine.manager.images.remove(f"{found['kept']['folder']}/{_MARK}")
        return
    if part == "stop":
        start(machine, found["host"])
        return
    try:
        _undo_there(part, found, machine)
    except Failure as failure:
        # Started here again with --believed-dead: then the other host cannot be asked.
        if not _is_taken_back(found, machine):
            raise
        log.warning("left on %s: %s", found["destination"], failure.cause)


def _undo_there(part: str, found: dict[str, Any], machine: Machine) -> None:
    kept = Kept(**found["kept"])
    descriptor, place = kept.descriptor, found["place"]
    other = OtherHost(machine, found["destination"])
    match part:
        case "copy":
            other.require_none(descriptor.id)
            backups = machine.manager.images.entries(kept.path(_BACKUPS))
            other.remove(f"{place}/{_BACKUPS}", backups)
            other.remove(place, _files(descriptor))
        case "adopt":
            if other.has(descriptor.id):
                other.release()
        case "hand-over":
            other.require_off(descriptor.id)
            now = required(machine).descriptor
            keep(machine, Kept(folder=kept.folder, descriptor=now.changed(running_on="")))
            machine.manager.domains.set_autostart(descriptor.name, found["autostart"])
        case "start":
            if other.has(descriptor.id):
                other.force_off()


def refuse_to_go_back(job: str, found: dict[str, Any], machine: Machine) -> None:
    """Raise Failure where the Manager answers over there: going back would lose what it did."""
    kept = Kept(**found["kept"])
    if _is_taken_back(found, machine):
        return
    if OtherHost(machine, found["destination"]).answers(kept.descriptor.id):
        raise Failure(
            f"The Manager answers on {found['there']} already; what it has done there would be "
            "lost.",
            f"Go on with the move: `flexvdi-config job resume {job}`.",
        )


def _is_taken_back(found: dict[str, Any], machine: Machine) -> bool:
    here = kept_on(machine)
    return (
        here is not None
        and here.descriptor.running_on == found["host"]
        and is_active(machine, here.descriptor.name)
    )


def _files(descriptor: ManagerDescriptor) -> tuple[str, ...]:
    """All that the Manager is; the descriptor comes last."""
    return descriptor.system, descriptor.data, descriptor.seed, DESCRIPTOR_NAME


def _look(other: OtherHost, machine: Machine, kept: Kept, place: str) -> None:
    """Raise Failure where the other host cannot take it: it has one, or this very folder."""
    other.require_none(but=kept.descriptor.id)
    images, mark = machine.manager.images, kept.path(_MARK)
    words = secrets.token_hex(8)
    images.write(mark, words.encode())
    shared = other.read(f"{place}/{_MARK}") == words
    images.remove(mark)
    if shared:
        raise Failure(
            f"{other.address} sees the same folder, {place}: there is nothing to be copied.",
            "Move it with --live; or stop and release it here, and adopt it there.",
        )
    other.require_free(place, kept.descriptor.id)
