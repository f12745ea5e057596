"""Backups of the Manager: made, listed, fetched, removed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import FileResponse
from pydantic import BaseModel

from foundation.secret import Secret
from manager.access.principal import Principal
from manager.access.requires import requires
from manager.access.role import ADMINISTRATORS
from manager.audit.recording import record
from manager.backup.keeping import (
    Backup,
    kept_backups,
    passphrase_of,
    path_of,
    remove_backup,
    set_passphrase,
)
from manager.backup.task_kinds import begin_backup, begin_proof, last_proofs
from manager.services import WithServices
from manager.tasks.tables import TaskRow
from manager.tasks.task import TaskAccepted, TaskState

ROUTER = APIRouter(prefix="/api/v1/backups", tags=["backups"])
# A backup holds every key of the platform.
Admin = Annotated[Principal, requires(*ADMINISTRATORS)]


class KeptBackup(Backup):
    """A backup, and how its last trial restore ended: ``proof`` is the task, if there was one."""

    proven: bool | None = None
    proof: str = ""
    proof_ended: datetime | None = None


class WhichBackup(BaseModel):
    """A backup by its name; without one, the newest."""

    backup: str | None = None


class BackupList(BaseModel):
    """The backups that are kept, newest first; ``encrypts`` says whether new ones will be."""

    items: list[KeptBackup]
    encrypts: bool


class Passphrase(BaseModel):
    """What to encrypt backups with; null for not at all."""

    passphrase: Secret | None


@ROUTER.get("")
def list_backups(services: WithServices, principal: Admin) -> BackupList:
    """All backups that the Manager keeps."""
    encrypts = passphrase_of(services) is not None
    proofs = last_proofs(services)
    items = [_with_proof(backup, proofs.get(backup.name)) for backup in kept_backups(services)]
    return BackupList(items=items, encrypts=encrypts)


def _with_proof(backup: Backup, proof: TaskRow | None) -> KeptBackup:
    if proof is None:
        return KeptBackup(**backup.model_dump())
    return KeptBackup(
        **backup.model_dump(),
        proven=proof.state == TaskState.DONE.value,
        proof=proof.id,
        proof_ended=proof.finished,
    )


@ROUTER.post("", status_code=202)
def create_backup(services: WithServices, principal: Admin) -> TaskAccepted:
    """Make a backup now."""
    return TaskAccepted(task=begin_backup(services, principal))


@ROUTER.post("/verify", status_code=202)
def verify_backup(body: WhichBackup, services: WithServices, principal: Admin) -> TaskAccepted:
    """Restore a backup into a scratch database and say whether it would work; nothing changes."""
    return TaskAccepted(task=begin_proof(services, principal, body.backup))


@ROUTER.put("/passphrase", status_code=204)
def set_backup_passphrase(body: Passphrase, services: WithServices, principal: Admin) -> None:
    """Encrypt backups from now on with this passphrase; it is never shown again."""
    set_passphrase(services, principal, body.passphrase)


@ROUTER.get("/{backup}", response_class=FileResponse)
def fetch_backup(backup: str, services: WithServices, principal: Admin) -> FileResponse:
    """The file."""
    path = path_of(services, backup)
    with services.database.writing() as session:
        record(session, principal, "backup.fetch", target=f"backup:{backup}", clock=services.clock)
    return FileResponse(path, media_type="application/octet-stream", filename=backup)


@ROUTER.delete("/{backup}", status_code=204)
def remove_a_backup(backup: str, services: WithServices, principal: Admin) -> None:
    """Remove a backup."""
    remove_backup(services, principal, backup)
