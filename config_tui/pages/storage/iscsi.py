"""iSCSI: the targets this host logs in to, their sessions, CHAP both ways, and discovery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.document_fields import edit_in_dialog, list_field, model_field
from config_tui.flows import ask_host, tell_done
from config_tui.kit import theme
from config_tui.kit.fields import Field
from config_tui.kit.table import Column, Row
from config_tui.kit.text import N_, _
from config_tui.listing import listing
from config_tui.page import Action, Page
from config_tui.pages.storage.chap import chap_fields, chap_of
from config_tui.pages.storage.discovery import discover
from config_tui.pages.storage.documents import ask_to_remove, put_named, with_iscsi, without_named

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument
    from host.document.storage import ISCSITarget
    from host.storage_values import ISCSISession


def _open(application: Application) -> Any:
    storage = application.host.storage

    def build(found: tuple[str, tuple[ISCSISession, ...]]) -> Any:
        return application.with_document(lambda document: _table(application, document, *found))

    return application.loading(lambda: (storage.initiator_name(), storage.sessions()), build)


def _table(
    application: Application,
    document: HostDocument,
    initiator: str,
    sessions: tuple[ISCSISession, ...],
) -> Any:
    columns = [
        Column(_("Target"), least=14),
        Column(_("Sessions"), least=8),
        Column("CHAP", least=4),
        Column(_("Portals"), least=10, optional=True),
    ]
    rows = []
    for target in document.storage.iscsi.targets:
        own = [session for session in sessions if session.target == target.name]
        working = sum(session.works for session in own)
        state = "ok" if working >= len(target.portals) else "warning" if working else "failed"
        count = f"{theme.current().mark(state)} {working}/{len(target.portals)}"
        chap = _("none") if target.chap is None else _("one way")
        if target.chap is not None and target.chap.target_username is not None:
            chap = _("both ways")
        rows.append(Row(target.name, (target.name, count, chap, ", ".join(target.portals))))
    name = document.storage.iscsi.initiator_name or initiator or _("not set yet")
    words = [("dim", _("Name of this host")), f" {name}"]
    return listing(
        application,
        columns,
        rows,
        _ACTIONS,
        head=[words, ""],
        empty=_("No target. Discover asks a portal which there are."),
        opens=_ACTIONS[2],
    )


def _add(application: Application, _key: str) -> None:
    target_form(application, None)


def _edit(application: Application, key: str) -> None:
    targets = application.staging.wanted.storage.iscsi.targets
    found = next((target for target in targets if target.name == key), None)
    if found is not None:
        target_form(application, found)


def target_form(
    application: Application,
    old: ISCSITarget | None,
    *,
    name: str = "",
    portals: tuple[str, ...] = (),
) -> None:
    """A window for a target; ``name`` and ``portals`` are what discovery has found."""
    from host.document.storage import ISCSITarget as Model

    document = application.staging.wanted
    fields: list[Field] = [
        model_field(
            "name",
            _("Target"),
            old.name if old is not None else name,
            Model,
            help=_("Its iSCSI name, as in iqn.2026-01.com.example:disks"),
        ),
        list_field(
            "portals",
            _("Portals"),
            old.portals if old is not None else portals,
            Model,
            help=_("Two portals are two paths: switch multipath on as well."),
            optional=False,
        ),
        *chap_fields(application, old.chap if old is not None else None),
    ]

    def change(values: dict[str, Any]) -> HostDocument:
        made = Model(
            name=values["name"],
            portals=values["portals"],
            chap=chap_of(values, old.chap if old is not None else None),
        )
        targets = document.storage.iscsi.targets
        replacing = old.name if old is not None else made.name
        return with_iscsi(document, targets=put_named(targets, made, replacing))

    title = _("New target") if old is None else old.name
    edit_in_dialog(application, title, fields, change)


def _discover(application: Application, _key: str) -> None:
    discover(
        application,
        lambda found: target_form(application, None, name=found.name, portals=found.portals),
    )


def _login(application: Application, key: str) -> None:
    if not key:
        return
    actor = application.actor

    def done(sessions: tuple[ISCSISession, ...]) -> None:
        words = _("Sessions with {name}: {count}.").format(name=key, count=len(sessions))
        tell_done(application, words, f"flexvdi-config iscsi login {key}")
        application.rebuild()

    ask_host(
        application,
        _("Logging in to {name} ...").format(name=key),
        lambda: application.host.storage.login(key, actor),
        done,
    )


def _logout(application: Application, key: str) -> None:
    if not key:
        return
    actor = application.actor

    def done(_nothing: None) -> None:
        words = _("The sessions with {name} are ended, until the next boot.").format(name=key)
        tell_done(application, words, f"flexvdi-config iscsi logout {key}")
        application.rebuild()

    ask_host(
        application,
        _("Logging out of {name} ...").format(name=key),
        lambda: application.host.storage.logout(key, actor),
        done,
    )


def _remove(application: Application, key: str) -> None:
    document = application.staging.wanted
    targets = document.storage.iscsi.targets
    if any(target.name == key for target in targets):
        words = _("Its sessions end when the changes are applied; the data stays on the target.")
        ask_to_remove(
            application,
            key,
            words,
            lambda: with_iscsi(document, targets=without_named(targets, key)),
        )


def _initiator(application: Application, _key: str) -> None:
    from host.document.storage import ISCSI

    document = application.staging.wanted
    old = document.storage.iscsi
    fields: list[Field] = [
        model_field(
            "initiator_name",
            _("This host's name"),
            old.initiator_name,
            ISCSI,
            help=_("Empty: the name made at the first boot stays."),
            optional=True,
        ),
        list_field(
            "interfaces",
            _("Interfaces"),
            old.interfaces,
            ISCSI,
            help=_("Sessions go out through each of these; empty: where the routes lead."),
        ),
    ]

    def change(values: dict[str, Any]) -> HostDocument:
        return with_iscsi(
            document,
            initiator_name=values["initiator_name"],
            interfaces=values["interfaces"] or (),
        )

    edit_in_dialog(application, _("Initiator"), fields, change)


_ACTIONS = (
    Action(N_("Discover"), "iscsi discover", _discover),
    Action(N_("Add"), "set", _add),
    Action(N_("Edit"), "set", _edit),
    Action(N_("Remove"), "set", _remove),
    Action(N_("Log in"), "iscsi login", _login),
    Action(N_("Log out"), "iscsi logout", _logout),
    Action(N_("Initiator"), "set", _initiator),
)

PAGE = Page(
    name="storage-iscsi",
    title="iSCSI",
    rank=10,
    preview=_open,
    open=_open,
    verbs=("iscsi show",),
    actions=_ACTIONS,
)
