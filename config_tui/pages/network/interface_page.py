"""The page of one kind of interface: a list of them, and a form to add and to edit one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from config_tui.document_fields import edit_in_dialog
from config_tui.kit.table import Column, Row
from config_tui.kit.text import N_, _
from config_tui.listing import listing
from config_tui.page import Action, Page
from config_tui.pages.network.links import (
    common_fields,
    edited,
    free_name,
    interfaces,
    name_field,
    remove,
    state_of,
    with_interface,
)

if TYPE_CHECKING:
    from config_tui.application import Application
    from config_tui.kit.fields import Field
    from config_tui.kit.panel import Panel
    from host.document.model import HostDocument


@dataclass(frozen=True)
class InterfaceKind:
    """What tells the pages of the kinds apart; texts are for translation.

    ``kind`` is the document's word for it, ``stem`` how the names of new ones begin, ``model``
    loads its class. ``columns`` and ``cells`` come between name and link; ``fields`` are the
    form's between name and description, for an interface or None for a new one.
    """

    kind: str
    stem: str
    model: Callable[[], type[Any]]
    words: str
    new: str
    one: str
    columns: tuple[Column, ...]
    cells: Callable[[Any], tuple[str, ...]]
    fields: Callable[[Application, HostDocument, Any | None], Sequence[Field]]


def interface_page(kind: InterfaceKind, *, name: str, title: str, rank: int) -> Page:
    """The page; Enter edits the interface in focus."""

    def add(application: Application, _key: str) -> None:
        _edit(application, kind, None)

    def edit(application: Application, key: str) -> None:
        found = interfaces(application.staging.wanted, kind=kind.kind)
        chosen = next((one for one in found if one.name == key), None)
        if chosen is not None:
            _edit(application, kind, chosen)

    actions = (
        Action(N_("Add"), "set", add),
        Action(N_("Edit"), "set", edit),
        Action(N_("Remove"), "set", remove),
    )

    def table(application: Application, document: HostDocument) -> Panel:
        columns = (Column(N_("Name")), *kind.columns, Column(N_("Link")))
        rows = [
            Row(one.name, (one.name, *kind.cells(one), state_of(application, one.name)))
            for one in interfaces(document, kind=kind.kind)
        ]
        return listing(
            application,
            [replace(column, title=_(column.title)) for column in columns],
            rows,
            actions,
            head=[("dim", _(kind.words)), ""],
            opens=actions[1],
        )

    def show(application: Application) -> Any:
        return application.with_document(lambda document: table(application, document))

    return Page(
        name=name,
        title=title,
        rank=rank,
        preview=show,
        open=show,
        verbs=("get",),
        actions=actions,
    )


def _edit(application: Application, kind: InterfaceKind, interface: Any | None) -> None:
    document = application.staging.wanted
    model = kind.model()
    fields = [
        name_field(interface, free_name(document, kind.stem), model),
        *kind.fields(application, document, interface),
        *common_fields(interface, model),
    ]

    def change(values: dict[str, Any]) -> HostDocument:
        made = edited(interface, model, values)
        replacing = interface.name if interface is not None else ""
        return with_interface(document, made, replacing=replacing)

    title = _(kind.new) if interface is None else _(kind.one).format(name=interface.name)
    edit_in_dialog(application, title, fields, change)
