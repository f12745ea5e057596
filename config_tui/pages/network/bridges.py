"""Bridges: what guests are plugged into. Their names must be the same on all hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config_tui.document_fields import list_field
from config_tui.kit.fields import Field, NumberField, YesNoField
from config_tui.kit.table import Column
from config_tui.kit.text import N_, _
from config_tui.pages.network.interface_page import InterfaceKind, interface_page
from config_tui.pages.network.links import known_names

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument
    from host.document.network import Bridge


def _cells(bridge: Bridge) -> tuple[str, ...]:
    return (", ".join(bridge.ports) or "-", _("on") if bridge.stp else _("off"))


def _fields(application: Application, document: HostDocument, bridge: Bridge | None) -> list[Field]:
    known = ", ".join(known_names(application, document))
    stp = YesNoField(
        "stp",
        _("Spanning tree"),
        bridge.stp if bridge is not None else False,
        text=_("avoid loops (ports open late)"),
        help=_("Leave it off unless two bridges meet at two places."),
    )
    return [
        list_field(
            "ports",
            _("Ports"),
            bridge.ports if bridge is not None else (),
            _model(),
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
    ]


def _model() -> type[Bridge]:
    from host.document.network import Bridge as Model

    return Model


PAGE = interface_page(
    InterfaceKind(
        kind="bridge",
        stem="br",
        model=_model,
        words=N_("What guests are plugged into. Name bridges the same on all hosts."),
        new=N_("New bridge"),
        one=N_("Bridge {name}"),
        columns=(Column(N_("Ports")), Column(N_("STP"))),
        cells=_cells,
        fields=_fields,
    ),
    name="network-bridges",
    title=N_("Bridges"),
    rank=30,
)
