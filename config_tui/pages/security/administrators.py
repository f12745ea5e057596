"""Administrators: who besides root may log in here and run flexVDI Config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.document_fields import checked_by, edit_in_dialog
from config_tui.kit.dialog import confirm
from config_tui.kit.fields import Field, TextField
from config_tui.kit.table import Column, Row
from config_tui.kit.text import N_, _
from config_tui.listing import listing
from config_tui.page import Action, Page
from config_tui.pages.security.documents import (
    administrator,
    has_password,
    keys_of,
    people,
    with_access,
    with_person,
)

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.access import Administrator
    from host.document.model import HostDocument


def _open(application: Application) -> Any:
    return application.with_document(lambda document: _table(application, document))


def _preview(application: Application) -> Any:
    return _open(application)


def _table(application: Application, document: HostDocument) -> Any:
    columns = [
        Column(_("Name"), least=8),
        Column(_("Full name"), least=8, optional=True),
        Column(_("Password"), least=8),
        Column(_("Keys"), least=4, right=True),
    ]
    rows = []
    for name in people(document):
        person = administrator(document, name)
        password = _("set") if has_password(document, name) else _("locked")
        full_name = person.full_name if person is not None else ""
        rows.append(Row(name, (name, full_name, password, str(len(keys_of(document, name))))))
    words = _("Who may log in on this console and by SSH, and change everything.")
    return listing(
        application, columns, rows, _ACTIONS, head=[("dim", words), ""], opens=_ACTIONS[1]
    )


def _add(application: Application, _key: str) -> None:
    _form(application, None)


def _edit(application: Application, key: str) -> None:
    person = administrator(application.staging.wanted, key)
    if person is not None:
        _form(application, person)
    elif key:
        application.say(_("Root has no other settings than password and keys."))


def _form(application: Application, old: Administrator | None) -> None:
    from host.document.access import Administrator as Model

    document = application.staging.wanted
    fields: list[Field] = []
    if old is None:
        fields.append(
            TextField(
                "name",
                _("Name"),
                check=checked_by(Model, "name"),
                help=_("What is typed to log in: small letters and digits."),
            )
        )
    fields.append(
        TextField(
            "full_name",
            _("Full name"),
            old.full_name if old is not None else "",
            check=checked_by(Model, "full_name"),
            optional=True,
        )
    )

    def change(values: dict[str, Any]) -> HostDocument:
        full_name = values["full_name"] or ""
        if old is not None:
            return with_person(document, old.name, full_name=full_name)
        made = Model(name=values["name"], full_name=full_name)
        return with_access(document, administrators=(*document.access.administrators, made))

    title = _("New administrator") if old is None else old.name
    words = _("Set a password or a key afterwards: without one nobody can log in.")
    edit_in_dialog(
        application, title, fields, change, introduction=("dim", words) if old is None else ""
    )


def _remove(application: Application, key: str) -> None:
    document = application.staging.wanted
    if administrator(document, key) is None:
        return
    left = tuple(one for one in document.access.administrators if one.name != key)
    confirm(
        application.stack,
        _("Remove {name}?").format(name=key),
        _("The account is removed when the changes are applied; the home folder stays."),
        _("Remove"),
        lambda: application.stage(with_access(document, administrators=left)),
    )


def _lock(application: Application, key: str) -> None:
    if key:
        document = application.staging.wanted
        application.stage(with_person(document, key, password_hash=None))


_ACTIONS = (
    Action(N_("Add"), "administrators add", _add),
    Action(N_("Edit"), "set", _edit),
    Action(N_("Remove"), "administrators remove", _remove),
    Action(N_("Lock the password"), "password lock", _lock),
)

PAGE = Page(
    name="security-administrators",
    title=N_("Administrators"),
    rank=10,
    preview=_preview,
    open=_open,
    verbs=("administrators list",),
    actions=_ACTIONS,
)
