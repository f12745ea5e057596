"""Bonds: several ports as one, in every mode the kernel has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.document_fields import edit_in_dialog, list_field, words
from config_tui.kit.fields import ChoiceField, Field, TextField
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


def _cells(application: Application, bond: Any) -> tuple[str, ...]:
    return (bond.name, bond.mode, ", ".join(bond.ports), state_of(application, bond.name))


def _add(application: Application, _key: str) -> None:
    _edit(application, application.staging.wanted, None)


def _edit(application: Application, document: HostDocument, bond: Bond | None) -> None:
    from host.document.network import Bond as Model

    known = ", ".join(known_names(application, document))
    fields: list[Field] = [
        name_field(bond, free_name(document, "bond"), Model),
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
            Model,
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
        *common_fields(bond, Model),
    ]

    def change(values: dict[str, Any]) -> HostDocument:
        made = edited(bond, Model, values)
        return with_interface(document, made, replacing=bond.name if bond is not None else "")

    title = _("New bond") if bond is None else _("Bond {name}").format(name=bond.name)
    edit_in_dialog(application, title, fields, change)


def options_of(text: str) -> dict[str, str]:
    """Options as people type them: ``name=value`` set apart by blanks."""
    options = {}
    for word in words(text):
        name, equals, value = word.partition("=")
        if not (name and equals and value):
            raise ValueError(_("Write options as in: miimon=100 lacp_rate=fast"))
        options[name] = value
    return options


_ACTIONS = (
    Action(N_("Add"), "set", _add),
    Action(N_("Edit"), "set", edit_selected(_edit)),
    Action(N_("Remove"), "set", remove),
)

_open = kind_page(
    "bond",
    [Column(N_("Name")), Column(N_("Mode")), Column(N_("Ports")), Column(N_("Link"))],
    _cells,
    lambda: _ACTIONS,
    words=N_("Several ports as one: for a second path, or for more bandwidth."),
)

PAGE = Page(
    name="network-bonds",
    title=N_("Bonds"),
    rank=10,
    preview=_open,
    open=_open,
    verbs=("get",),
    actions=_ACTIONS,
)
