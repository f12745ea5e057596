"""Backups in figures: an alert on their age is the one that everybody should have."""

from __future__ import annotations

from collections.abc import Iterator

from manager.backup.keeping import kept_backups
from manager.backup.task_kinds import last_proofs
from manager.figures import Figure
from manager.services import Services
from manager.tasks.task import TaskState


def backups(services: Services) -> Iterator[Figure]:
    """How many are kept, when the last one was made, how large it is."""
    kept = kept_backups(services)
    yield Figure("backups", "Backups that the Manager keeps.", len(kept))
    if kept:
        made = kept[0].created.timestamp()
        yield Figure("last_backup_timestamp_seconds", "When the last backup was made.", made)
        yield Figure("last_backup_size_bytes", "The last backup's size.", kept[0].size)


def proofs(services: Services) -> Iterator[Figure]:
    """When a backup was last restored for trial, and whether that worked."""
    ended = list(last_proofs(services).values())
    if ended:
        last = max(ended, key=lambda row: row.id)
        good = last.state == TaskState.DONE.value
        yield Figure("last_backup_proof_good", "Whether the last trial restore worked.", good)
        if last.finished is not None:
            moment = last.finished.timestamp()
            yield Figure(
                "last_backup_proof_timestamp_seconds", "When a backup was last tried.", moment
            )


FIGURES = (backups, proofs)
