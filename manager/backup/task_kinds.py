"""Backing up as a task."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from foundation.failure import Failure
from manager.access.principal import Principal
from manager.backup.keeping import (
    folder_of,
    kept_backups,
    name_at,
    passphrase_of,
    path_of,
    remove_surplus,
)
from manager.backup.making import make_backup
from manager.backup.proving import prove_backup
from manager.events.event import Severity
from manager.problems import Conflict
from manager.services import Services
from manager.tasks.run import TaskRun
from manager.tasks.tables import TaskRow
from manager.tasks.task import TaskKind, TaskState, Tier

KIND = "backup.create"
PROOF = "backup.prove"


def back_up(run: TaskRun) -> dict[str, Any]:
    """Write a backup, then remove those beyond what is kept."""
    name = run.arguments["name"]
    size = run.step("write", _write, run, name)
    removed = run.step("remove old ones", remove_surplus, run.services)
    return {"backup": name, "size": size, "removed": removed}


def _write(run: TaskRun, name: str) -> int:
    services = run.services
    path = folder_of(services) / name
    make_backup(services, path, passphrase_of(services), run.progress)
    size = path.stat().st_size
    if not size:
        raise Failure("The backup is empty.", "See that there is space in the state folder.")
    return size


def begin_backup(services: Services, principal: Principal) -> str:
    """Create the task; its identifier."""
    name = name_at(services.clock())
    with services.database.writing() as session:
        return services.tasks.create(
            session,
            KIND,
            {"name": name},
            principal,
            title="Back up the Manager",
            subject=f"backup:{name}",
        )


def prove(run: TaskRun) -> dict[str, Any]:
    """Restore a backup for trial, and have it known that it failed."""
    name = run.arguments["name"]
    try:
        proof: dict[str, Any] = run.step("prove", _prove, run, name)
    except Failure as failure:
        run.step("tell", _tell_failed, run.services, name, failure.cause, failure.remedy)
        raise
    return proof


def _prove(run: TaskRun, name: str) -> dict[str, Any]:
    services = run.services
    path = path_of(services, name)
    return prove_backup(services, path, passphrase_of(services), run.progress).model_dump()


def _tell_failed(services: Services, name: str, cause: str, remedy: str) -> None:
    with services.database.writing() as session:
        services.events.publish(
            session,
            "backup.useless",
            f"The backup {name} could not be restored for trial: {cause} {remedy}",
            subject=f"backup:{name}",
            severity=Severity.ERROR,
        )


def begin_proof(services: Services, principal: Principal, name: str | None) -> str:
    """Create the task for the backup called ``name``, or the newest; raises NotFound, Conflict."""
    if name is None:
        kept = kept_backups(services)
        if not kept:
            raise Conflict("There is no backup to prove.", "Make one first.")
        name = kept[0].name
    path_of(services, name)
    with services.database.writing() as session:
        return services.tasks.create(
            session,
            PROOF,
            {"name": name},
            principal,
            title="Prove that a backup would work",
            subject=f"backup:{name}",
        )


def last_proofs(services: Services) -> dict[str, TaskRow]:
    """The last proof that has ended of each backup, by the backup's name."""
    with services.database.reading() as session:
        rows = session.scalars(
            select(TaskRow)
            .where(
                TaskRow.kind == PROOF,
                TaskRow.state.in_((TaskState.DONE.value, TaskState.FAILED.value)),
            )
            .order_by(TaskRow.id)
        )
        return {row.subject.removeprefix("backup:"): row for row in rows}


KINDS = (
    TaskKind(KIND, back_up, deadline=3600, tier=Tier.MAINTENANCE),
    TaskKind(PROOF, prove, deadline=3600, tier=Tier.MAINTENANCE),
)
