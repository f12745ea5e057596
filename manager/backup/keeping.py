"""The backups that the Manager keeps itself, in the folder ``backups`` of its state."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from foundation.atomic_file import write_atomically
from foundation.failure import Failure
from foundation.secret import Secret
from manager.access.principal import Principal
from manager.audit.recording import record
from manager.backup.container import read_header
from manager.backup.preferences import BackupPreferences
from manager.preferences.storing import preference
from manager.problems import Invalid, no_such
from manager.services import Services

_NAME = re.compile(r"flexvdi-manager-\d{8}T\d{6}Z\.backup")
_PASSPHRASE = "backup-passphrase"
_LEAST_PASSPHRASE = 12


class Backup(BaseModel):
    """A backup that is kept; ``size`` in bytes."""

    model_config = ConfigDict(frozen=True)

    name: str
    created: datetime
    size: int
    manager_version: str
    encrypted: bool


def folder_of(services: Services) -> Path:
    """Where they are."""
    folder = services.settings.state / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def name_at(moment: datetime) -> str:
    """What a backup of ``moment`` is called."""
    return f"flexvdi-manager-{moment:%Y%m%dT%H%M%SZ}.backup"


def kept_backups(services: Services) -> list[Backup]:
    """All that are there and readable, newest first."""
    found = []
    for path in sorted(folder_of(services).iterdir(), reverse=True):
        if not _NAME.fullmatch(path.name):
            continue
        try:
            with path.open("rb") as stream:
                header, _ = read_header(stream)
            size = path.stat().st_size
        except (Failure, OSError):
            continue
        found.append(
            Backup(
                name=path.name,
                created=header.created,
                size=size,
                manager_version=header.manager_version,
                encrypted=header.encryption is not None,
            )
        )
    return found


def path_of(services: Services, name: str) -> Path:
    """The file of the backup ``name``; raises NotFound."""
    path = folder_of(services) / name
    if not _NAME.fullmatch(name) or not path.is_file():
        raise no_such("backup", name)
    return path


def remove_backup(services: Services, principal: Principal, name: str) -> None:
    """Remove one; raises NotFound."""
    path = path_of(services, name)
    with services.database.writing() as session:
        record(session, principal, "backup.remove", target=f"backup:{name}", clock=services.clock)
    path.unlink(missing_ok=True)


def remove_surplus(services: Services) -> list[str]:
    """Remove the oldest beyond what the settings keep; their names."""
    surplus = kept_backups(services)[preference(services, BackupPreferences).keep :]
    for backup in surplus:
        (folder_of(services) / backup.name).unlink(missing_ok=True)
    return [backup.name for backup in surplus]


def passphrase_of(services: Services) -> Secret | None:
    """What backups are encrypted with; None: they are not."""
    path = services.settings.state / _PASSPHRASE
    if not path.exists():
        return None
    return services.secret_box.open(path.read_bytes(), _PASSPHRASE)


def set_passphrase(services: Services, principal: Principal, passphrase: Secret | None) -> None:
    """Encrypt backups from now on, or (None) not any more; raises Invalid for a short one."""
    path = services.settings.state / _PASSPHRASE
    if passphrase is not None and len(passphrase.reveal()) < _LEAST_PASSPHRASE:
        raise Invalid(
            f"The passphrase has fewer than {_LEAST_PASSPHRASE} characters.",
            "Take several words. Keep them elsewhere: without them no backup can be restored.",
            where="passphrase",
        )
    with services.database.writing() as session:
        record(
            session,
            principal,
            "backup.set-passphrase",
            data={"encrypted": passphrase is not None},
            clock=services.clock,
        )
    if passphrase is None:
        path.unlink(missing_ok=True)
    else:
        write_atomically(path, services.secret_box.seal(passphrase, _PASSPHRASE), 0o600)
