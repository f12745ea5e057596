"""VLANs: tagged networks (IEEE 802.1Q) on a port, a bond or a bridge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config_tui.kit.fields import ChoiceField, Field, NumberField
from config_tui.kit.table import Column
from config_tui.kit.text import N_, _
from config_tui.pages.network.interface_page import InterfaceKind, interface_page
from config_tui.pages.network.links import known_names

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument
    from host.document.network import VLAN


def _cells(vlan: VLAN) -> tuple[str, ...]:
    return (str(vlan.id), vlan.parent)


def _fields(application: Application, document: HostDocument, vlan: VLAN | None) -> list[Field]:
    own = vlan.name if vlan is not None else ""
    parents = [name for name in known_names(application, document) if name != own]
    return [
        ChoiceField(
            "parent",
            _("On"),
            [(name, name) for name in parents] or [("", _("none"))],
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
    ]


def _model() -> type[VLAN]:
    from host.document.network import VLAN as Model

    return Model


PAGE = interface_page(
    InterfaceKind(
        kind="vlan",
        stem="vlan",
        model=_model,
        words=N_("Tagged networks on a port, a bond or a bridge."),
        new=N_("New VLAN"),
        one=N_("VLAN {name}"),
        columns=(Column(N_("Id"), right=True), Column(N_("On"))),
        cells=_cells,
        fields=_fields,
    ),
    name="network-vlans",
    title=N_("VLANs"),
    rank=20,
)
