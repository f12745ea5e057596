"""Bridges: what guests are plugged into. Their names must be the same on all hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.document_fields import edit_in_dialog, list_field
from config_tui.kit.fields import Field, NumberField, YesNoField
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
    from host.document.network import Bridge


def _cells(application: Application, bridge: Any) -> tuple[str, ...]:
    stp = _("on") if bridge.stp else _("off")
    ports = ", ".join(bridge.ports) or "-"
    return (bridge.name, ports, stp, state_of(application, bridge.name))


def _add(application: Application, _key: str) -> None:
    _edit(application, application.staging.wanted, None)


def _edit(application: Application, document: HostDocument, bridge: Bridge | None) -> None:
    from host.document.network import Bridge as Model

    known = ", ".join(known_names(application, document))
    stp = YesNoField(
        "stp",
        _("Spanning tree"),
        bridge.stp if bridge is not None else False,
        text=_("avoid loops (ports open late)"),
        help=_("Leave it off unless two bridges meet at two places."),
    )
    fields: list[Field] = [
        name_field(bridge, free_name(document, "br"), Model),
        list_field(
            "ports",
            _("Ports"),
            bridge.ports if bridge is not None else (),
            Model,
            help=_("There are: {names}.").format(names=known),
        ),
        stp,
        NumberField(
            "forward_delay",
            _("Forward delay"),
            bridge.forward_delay if bridge is not None else None,
            least=2,
            most=30,
            help=_("Seconds until a new port forwards packets."),
            optional=True,
        ).asked_when(lambda: stp.value),
        *common_fields(bridge, Model),
    ]

    def change(values: dict[str, Any]) -> HostDocument:
        made = edited(bridge, Model, values)
        return with_interface(document, made, replacing=bridge.name if bridge is not None else "")

    title = _("New bridge") if bridge is None else _("Bridge {name}").format(name=bridge.name)
    edit_in_dialog(application, title, fields, change)


_ACTIONS = (
    Action(N_("Add"), "set", _add),
    Action(N_("Edit"), "set", edit_selected(_edit)),
    Action(N_("Remove"), "set", remove),
)

_open = kind_page(
    "bridge",
    [Column(N_("Name")), Column(N_("Ports")), Column(N_("STP")), Column(N_("Link"))],
    _cells,
    lambda: _ACTIONS,
    words=N_("What guests are plugged into. Name bridges the same on all hosts."),
)

PAGE = Page(
    name="network-bridges",
    title=N_("Bridges"),
    rank=30,
    preview=_open,
    open=_open,
    verbs=("get",),
    actions=_ACTIONS,
)
