"""Backups: the Manager's state, beside its disks; made now, each day, and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.flows import ask_host, tell_done
from config_tui.kit.dialog import choose, confirm
from config_tui.kit.table import Column, Row
from config_tui.kit.text import N_, _
from config_tui.listing import listing
from config_tui.page import Action, Page
from config_tui.pages.manager.working import work_and_tell

if TYPE_CHECKING:
    from config_tui.application import Application

_PAGE = "manager-backups"


def _open(application: Application) -> Any:
    def look() -> tuple[int | None, tuple[str, ...]] | None:
        status = application.host.manager.status()
        if status.manager is None:
            return None
        return status.manager["backup_hour"], application.host.manager.backups()

    def build(found: tuple[int | None, tuple[str, ...]] | None) -> Any:
        if found is None:
            words = _("This host has no Manager.")
            return listing(application, [], [], _ACTIONS, empty=words)
        hour, names = found
        when = _("None are made by themselves.")
        if hour is not None:
            when = _("One is made each day, from {hour}:00.").format(hour=hour)
        return listing(
            application,
            [Column(_("Backup"), least=20), Column(_("Version"), least=8)],
            [Row(name, (name[:15], name[16:].removesuffix(".backup"))) for name in names],
            _ACTIONS,
            head=[("heading", _("Backups")), when, ""],
        )

    return application.loading(look, build)


def _now(application: Application, _key: str) -> None:
    actor = application.actor
    work_and_tell(
        application,
        _("Back the Manager up"),
        lambda on_event, _cancel: application.host.manager.backup(actor, on_event),
        "flexvdi-config manager backup",
        _PAGE,
    )


def _schedule(application: Application, _key: str) -> None:
    actor = application.actor
    hours = [("", _("never")), *((str(hour), f"{hour:02}:00") for hour in range(24))]

    def chosen(value: str) -> None:
        hour = int(value) if value else None

        def done(_nothing: None) -> None:
            command = f"flexvdi-config manager backup-hour {value}".rstrip()
            tell_done(application, _("The hour is set."), command)
            application.rebuild()

        ask_host(
            application,
            _("Please wait ..."),
            lambda: application.host.manager.set_backup_hour(hour, actor),
            done,
        )

    choose(application.stack, _("Back up each day"), hours, chosen)


def _restore(application: Application, key: str) -> None:
    actor = application.actor
    if not key:
        application.say(_("There is no backup to restore."))
        return
    confirm(
        application.stack,
        _("Restore this backup?"),
        _("What the Manager has learnt since {when} is lost.").format(when=key[:15]),
        _("Restore"),
        lambda: work_and_tell(
            application,
            _("Restore the Manager from {backup}").format(backup=key),
            lambda on_event, _cancel: application.host.manager.restore(key, actor, on_event),
            f"flexvdi-config manager restore {key}",
            _PAGE,
        ),
    )


_ACTIONS = (
    Action(N_("Back up now"), "manager backup", _now),
    Action(N_("Each day"), "manager backup-hour", _schedule),
    Action(N_("Restore"), "manager restore", _restore),
)

PAGE = Page(
    name=_PAGE,
    title=N_("Backups"),
    rank=40,
    preview=_open,
    open=_open,
    verbs=("manager backups",),
    actions=_ACTIONS,
)
