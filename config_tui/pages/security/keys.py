"""Keys: the SSH keys that let people in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.document_fields import edit_in_dialog
from config_tui.kit.dialog import confirm
from config_tui.kit.fields import ChoiceField, Field, TextField
from config_tui.kit.table import Column, Row
from config_tui.kit.text import N_, _
from config_tui.listing import listing
from config_tui.page import Action, Page
from config_tui.pages.security.documents import keys_of, people, with_person

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument


def _open(application: Application) -> Any:
    return application.with_document(lambda document: _table(application, document))


def _table(application: Application, document: HostDocument) -> Any:
    from host.document.ssh_keys import describe_ssh_key

    columns = [
        Column(_("Who"), least=6),
        Column(_("Kind"), least=8, optional=True),
        Column(_("Comment"), least=8),
        Column(_("Fingerprint"), least=16),
    ]
    rows = []
    for name in people(document):
        for line in keys_of(document, name):
            key = describe_ssh_key(line)
            cells = (name, key.kind, key.comment, key.fingerprint)
            rows.append(Row(f"{name} {key.fingerprint}", cells))
    words = _("Whoever has the private half of one of these keys can log in by SSH.")
    return listing(application, columns, rows, _ACTIONS, head=[("dim", words), ""])


def _add(application: Application, _key: str) -> None:
    from host.document.ssh_keys import check_whole_ssh_key

    document = application.staging.wanted
    fields: list[Field] = [
        ChoiceField(
            "who",
            _("Who"),
            [(name, name) for name in people(document)],
            stack=application.stack,
        ),
        TextField(
            "key",
            _("Public key"),
            check=check_whole_ssh_key,
            help=_("A line as in id_ed25519.pub; paste it."),
        ),
    ]

    def change(values: dict[str, Any]) -> HostDocument:
        name = values["who"]
        keys = keys_of(document, name)
        if values["key"] in keys:
            raise ValueError(_("This key is there already."))
        return with_person(document, name, ssh_keys=(*keys, values["key"]))

    edit_in_dialog(application, _("New key"), fields, change)


def _remove(application: Application, key: str) -> None:
    from host.document.ssh_keys import describe_ssh_key

    document = application.staging.wanted
    name, _blank, fingerprint = key.partition(" ")
    keys = keys_of(document, name)
    left = tuple(line for line in keys if describe_ssh_key(line).fingerprint != fingerprint)
    if left == keys:
        return
    confirm(
        application.stack,
        _("Remove this key of {name}?").format(name=name),
        fingerprint,
        _("Remove"),
        lambda: application.stage(with_person(document, name, ssh_keys=left)),
    )


_ACTIONS = (
    Action(N_("Add"), "keys add", _add),
    Action(N_("Remove"), "keys remove", _remove),
)

PAGE = Page(
    name="security-keys",
    title=N_("SSH keys"),
    rank=30,
    preview=_open,
    open=_open,
    verbs=("keys list",),
    actions=_ACTIONS,
)
