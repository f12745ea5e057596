"""Found: Managers on the storage of this host, by their descriptors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.flows import ask_host, tell_done
from config_tui.kit.dialog import confirm, confirm_by_name
from config_tui.kit.table import Column, Row
from config_tui.kit.text import N_, _
from config_tui.listing import listing
from config_tui.page import Action, Page

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.api.manager import FoundManager, ManagerStatus


def _open(application: Application) -> Any:
    def build(found: tuple[FoundManager, ...]) -> Any:
        columns = [
            Column(_("Folder"), least=16),
            Column(_("Address"), least=11),
            Column(_("Version"), least=7),
            Column(_("Runs on"), least=7),
            Column(_("This host's"), least=3, optional=True),
        ]
        rows = [
            Row(
                one.folder,
                (
                    one.folder,
                    one.address,
                    one.version,
                    one.running_on or "-",
                    _("yes") if one.known else _("no"),
                ),
            )
            for one in found
        ]
        words = _("Managers that lie on the storage of this host, whichever host runs them.")
        empty = _("There is none on the storage of this host.")
        return listing(application, columns, rows, _ACTIONS, head=[("dim", words), ""], empty=empty)

    return application.loading(application.host.manager.found, build)


def _adopt(application: Application, key: str) -> None:
    actor = application.actor

    def done(_nothing: None) -> None:
        words = _("The Manager is defined on this host; it was not started.")
        tell_done(application, words, f"flexvdi-config manager adopt {key}")
        application.rebuild()

    if key:
        ask_host(
            application,
            _("Please wait ..."),
            lambda: application.host.manager.adopt(key, actor),
            done,
        )


def _release(application: Application, _key: str) -> None:
    actor = application.actor

    def done(_nothing: None) -> None:
        words = _("This host knows of no Manager any more; its files are still there.")
        tell_done(application, words, "flexvdi-config manager release")
        application.rebuild()

    confirm(
        application.stack,
        _("Forget the Manager on this host?"),
        _("It must be off. Its files stay, for this host or another one to adopt."),
        _("Forget"),
        lambda: ask_host(
            application,
            _("Please wait ..."),
            lambda: application.host.manager.release(actor),
            done,
        ),
    )


def _remove(application: Application, _key: str) -> None:
    actor = application.actor

    def asked(status: ManagerStatus) -> None:
        if status.manager is None:
            application.say(_("This host has no Manager."))
            return
        name = status.manager["name"]

        def done(_nothing: None) -> None:
            tell_done(
                application,
                _("{name} is destroyed.").format(name=name),
                f"flexvdi-config manager remove --erase {name}",
            )
            application.rebuild()

        confirm_by_name(
            application.stack,
            _("Destroy the Manager?"),
            _("It is lost for good, with its data and the backups beside it."),
            name,
            _("Destroy"),
            lambda: ask_host(
                application,
                _("Please wait ..."),
                lambda: application.host.manager.remove(name, actor),
                done,
            ),
        )

    ask_host(application, _("Please wait ..."), application.host.manager.status, asked)


_ACTIONS = (
    Action(N_("Adopt"), "manager adopt", _adopt),
    Action(N_("Forget"), "manager release", _release),
    Action(N_("Destroy"), "manager remove", _remove),
)

PAGE = Page(
    name="manager-found",
    title=N_("Found"),
    rank=50,
    preview=_open,
    open=_open,
    verbs=("manager found",),
    actions=_ACTIONS,
)
