"""Backups of the Manager itself: made, fetched, removed, encrypted."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from foundation.failure import Failure
from manager.access.role import ADMINISTRATORS
from manager.api import backups as api
from manager.backup.preferences import BackupPreferences
from manager.preferences.storing import preference
from manager.problems import Invalid
from manager.web.drawing.forms import Form
from manager.web.drawing.page import draw, says, see
from manager.web.drawing.visit import Visit, visiting

ROUTER = APIRouter(include_in_schema=False)
Administrator = Annotated[Visit, visiting(*ADMINISTRATORS)]
says(
    backup_removed="The backup was removed.",
    backups_encrypted="New backups are encrypted from now on. Keep the passphrase: nobody can "
    "open them without it.",
    backups_plain="New backups are not encrypted any more.",
)


@ROUTER.get("/backups")
def backups(request: Request, visit: Administrator) -> Response:
    """The list."""
    return _page(request, visit)


@ROUTER.post("/backups")
def create(request: Request, visit: Administrator) -> Response:
    """Make one now."""
    try:
        accepted = api.create_backup(visit.services, visit.principal)
    except Failure as failure:
        return _page(request, visit, failure)
    return see(f"/tasks/{accepted.task}")


@ROUTER.post("/backups/verify")
def verify(request: Request, form: Form, visit: Administrator) -> Response:
    """Try whether one could be restored."""
    try:
        which = api.WhichBackup(backup=form["backup"] or None)
        accepted = api.verify_backup(which, visit.services, visit.principal)
    except Failure as failure:
        return _page(request, visit, failure)
    return see(f"/tasks/{accepted.task}")


@ROUTER.post("/backups/passphrase")
def passphrase(request: Request, form: Form, visit: Administrator) -> Response:
    """Encrypt new ones, or do not any more."""
    phrase = None if "plain" in form else form.secret("passphrase")
    try:
        if phrase is not None and phrase != form.secret("again"):
            raise Invalid("The two passphrases differ.", "Type them once more.", where="again")
        api.set_backup_passphrase(
            api.Passphrase(passphrase=phrase), visit.services, visit.principal
        )
    except Failure as failure:
        return _page(request, visit, failure)
    return see("/backups", "backups-plain" if phrase is None else "backups-encrypted")


@ROUTER.post("/backups/{backup}/remove")
def remove(request: Request, backup: str, visit: Administrator) -> Response:
    """Remove one."""
    try:
        api.remove_a_backup(backup, visit.services, visit.principal)
    except Failure as failure:
        return _page(request, visit, failure)
    return see("/backups", "backup-removed")


def _page(request: Request, visit: Visit, failure: Failure | None = None) -> Response:
    return draw(
        request,
        "backups.html",
        visit,
        here="/backups",
        failure=failure,
        kept=api.list_backups(visit.services, visit.principal),
        plan=preference(visit.services, BackupPreferences),
        typed={"passphrase": "", "again": ""},
    )
