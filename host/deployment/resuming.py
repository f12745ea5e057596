"""Going on with a job about the Manager that was interrupted, from the step where it stood."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from foundation.failure import Failure
from host.deployment.backups import backup_steps, restore_steps
from host.deployment.deploying import MANAGER_LANE, OPEN_STATES
from host.deployment.exporting import export_steps, import_steps
from host.deployment.moving import move_steps
from host.deployment.moving_live import live_move_steps
from host.deployment.readdressing import address_steps
from host.deployment.upgrading import upgrade_steps
from host.deployment.work import Undertaking, Work
from host.jobs import JobRecord, JobStep

_STEPS: dict[str, Callable[[dict[str, Any], Work], tuple[JobStep, ...]]] = {
    "address": address_steps,
    "backup": backup_steps,
    "export": export_steps,
    "import": import_steps,
    "live-move": live_move_steps,
    "move": move_steps,
    "restore": restore_steps,
    "upgrade": upgrade_steps,
}


def resume(job: str, work: Work) -> JobRecord:
    """Carry it to its end; steps that are done are passed over. A failure takes all of it back."""
    known = work.jobs.record(job)
    facts = work.jobs.facts(job)
    if known.lane != MANAGER_LANE or known.state not in OPEN_STATES or "undertaking" not in facts:
        raise Failure(
            f"Job {job} is {known.state}; nothing of it is left to go on with.",
            "See `flexvdi-config manager status`.",
        )
    undertaking = Undertaking(**facts["undertaking"])
    steps = _STEPS[undertaking.kind](undertaking.facts, work)
    return work.walk(job, undertaking, steps)
