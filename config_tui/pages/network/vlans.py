"""VLANs: tagged networks (IEEE 802.1Q) on a port, a bond or a bridge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.document_fields import edit_in_dialog
from config_tui.kit.fields import ChoiceField, Field, NumberField
from config_tui.kit.table import Column
from config_tui.kit.text import N_, _
from config_tui.page import Action, Page
from config_tui.pages.network.links import (
    common_fields,
    edit_selected,
    edited,
    free_name,
    kind_page,
    known_names,
    name_field,
    remove,
    state_of,
    with_interface,
)

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument
    from host.document.network import VLAN


def _cells(application: Application, vlan: Any) -> tuple[str, ...]:
    return (vlan.name, str(vlan.id), vlan.parent, state_of(application, vlan.name))


def _add(application: Application, _key: str) -> None:
    _edit(application, application.staging.wanted, None)


def _edit(application: Application, document: HostDocument, vlan: VLAN | None) -> None:
    from host.document.network import VLAN as Model

    parents = known_names(application, document)
    own = vlan.name if vlan is not None else ""
    options = [(name, name) for name in parents if name != own] or [("", _("none"))]
    fields: list[Field] = [
        name_field(vlan, free_name(document, "vlan"), Model),
        ChoiceField(
            "parent",
            _("On"),
            options,
            vlan.parent if vlan is not None else None,
            stack=application.stack,
            help=_("The port, bond or bridge that carries the tagged packets."),
        ),
        NumberField(
            "id",
            _("VLAN id"),
            vlan.id if vlan is not None else None,
            least=1,
            most=4094,
            help=_("The tag, as the switch has it."),
        ),
        *common_fields(vlan, Model),
    ]

    def change(values: dict[str, Any]) -> HostDocument:
        made = edited(vlan, Model, values)
        return with_interface(document, made, replacing=own)

    title = _("New VLAN") if vlan is None else _("VLAN {name}").format(name=vlan.name)
    edit_in_dialog(application, title, fields, change)


_ACTIONS = (
    Action(N_("Add"), "set", _add),
    Action(N_("Edit"), "set", edit_selected(_edit)),
    Action(N_("Remove"), "set", remove),
)

_open = kind_page(
    "vlan",
    [Column(N_("Name")), Column(N_("Id"), right=True), Column(N_("On")), Column(N_("Link"))],
    _cells,
    lambda: _ACTIONS,
    words=N_("Tagged networks on a port, a bond or a bridge."),
)

PAGE = Page(
    name="network-vlans",
    title=N_("VLANs"),
    rank=20,
    preview=_open,
    open=_open,
    verbs=("get",),
    actions=_ACTIONS,
)
