"""Bonds: several ports as one, in every mode the kernel has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config_tui.document_fields import list_field, words
from config_tui.kit.fields import ChoiceField, Field, TextField
from config_tui.kit.table import Column
from config_tui.kit.text import N_, _
from config_tui.pages.network.interface_page import InterfaceKind, interface_page
from config_tui.pages.network.links import known_names

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument
    from host.document.network import Bond

MODES: tuple[tuple[str, str], ...] = (
    ("active-backup", N_("active-backup: one port at a time, no switch setup")),
    ("802.3ad", N_("802.3ad (LACP): all ports, needs LACP on the switch")),
    ("balance-rr", N_("balance-rr: packets in turn")),
    ("balance-xor", N_("balance-xor: by address, static on the switch")),
    ("broadcast", N_("broadcast: everything on all ports")),
    ("balance-tlb", N_("balance-tlb: outgoing by load")),
    ("balance-alb", N_("balance-alb: both ways by load (no bridges)")),
)


def _cells(bond: Bond) -> tuple[str, ...]:
    return (bond.mode, ", ".join(bond.ports))


def _fields(application: Application, document: HostDocument, bond: Bond | None) -> list[Field]:
    known = ", ".join(known_names(application, document))
    return [
        ChoiceField(
            "mode",
            _("Mode"),
            [(mode, _(label)) for mode, label in MODES],
            bond.mode if bond is not None else None,
            stack=application.stack,
        ),
        list_field(
            "ports",
            _("Ports"),
            bond.ports if bond is not None else (),
            _model(),
            help=_("There are: {names}.").format(names=known),
            optional=False,
        ),
        TextField(
            "options",
            _("Options"),
            " ".join(f"{k}={v}" for k, v in bond.options.items()) if bond is not None else "",
            check=options_of,
            help=_("The bonding driver's, as in: miimon=100 xmit_hash_policy=layer2+3"),
            optional=True,
        ),
    ]


def _model() -> type[Bond]:
    from host.document.network import Bond as Model

    return Model


def options_of(text: str) -> dict[str, str]:
    """Options as people type them: ``name=value`` set apart by blanks."""
    options = {}
    for word in words(text):
        name, equals, value = word.partition("=")
        if not (name and equals and value):
            raise ValueError(_("Write options as in: miimon=100 lacp_rate=fast"))
        options[name] = value
    return options


PAGE = interface_page(
    InterfaceKind(
        kind="bond",
        stem="bond",
        model=_model,
        words=N_("Several ports as one: for a second path, or for more bandwidth."),
        new=N_("New bond"),
        one=N_("Bond {name}"),
        columns=(Column(N_("Mode")), Column(N_("Ports"))),
        cells=_cells,
        fields=_fields,
    ),
    name="network-bonds",
    title=N_("Bonds"),
    rank=10,
)
