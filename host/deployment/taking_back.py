"""Rolling back whatever job about the Manager was interrupted or failed."""

from __future__ import annotations

from typing import Any

from foundation.failure import Failure
from host.audit import Actor, record
from host.deployment.deploying import is_half_done
from host.deployment.exporting import undo_export
from host.deployment.moving import refuse_to_go_back, undo_move
from host.deployment.moving_live import undo_live_move
from host.deployment.readdressing import undo_address
from host.deployment.steps import Joining, undo_files, undo_step
from host.deployment.upgrading import undo_upgrade
from host.jobs import JobRecord, Jobs
from host.machine import Machine


def _has_nothing(_name: str, _found: dict[str, Any], _machine: Machine) -> None:
    return


_OTHERS = {
    "backup": _has_nothing,
    "restore": _has_nothing,
    "live-move": undo_live_move,
    "import": undo_files,
    "export": undo_export,
    "upgrade": undo_upgrade,
    "address": undo_address,
    "move": undo_move,
}


def roll_back(job: str, machine: Machine, jobs: Jobs, joining: Joining, actor: Actor) -> JobRecord:
    """Leave nothing of it; steps of a deployment have plain names, those of others a prefix."""
    known = jobs.record(job)
    if not is_half_done(known, jobs):
        raise Failure(f"Job {job} is {known.state}; nothing of it is left to be rolled back.")

    for name, found in jobs.captured(job):
        if name == "move/start":
            refuse_to_go_back(job, found, machine)

    def undo(name: str, found: dict[str, Any]) -> None:
        other = _OTHERS.get(name.partition("/")[0])
        if other is not None:
            other(name, found, machine)
        else:
            undo_step(name, found, machine, joining)

    result = jobs.rollback(job, undo)
    words = f"Job {job} was rolled back."
    record(actor, "rollback", "done", words, job=job, verb="job rollback")
    return result
