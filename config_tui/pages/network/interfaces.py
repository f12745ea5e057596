"""Interfaces: the wired ports, with link, speed and address; their MTU and description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.document_fields import edit_in_dialog, model_field
from config_tui.kit.table import Column, Row
from config_tui.kit.text import N_, _
from config_tui.listing import listing
from config_tui.page import Action, Page
from config_tui.pages.network.links import (
    common_fields,
    edited,
    interfaces,
    remove,
    state_of,
    users_of,
    with_interface,
)

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument


def _open(application: Application) -> Any:
    return application.with_document(lambda document: _table(application, document))


def _table(application: Application, document: HostDocument) -> Any:
    columns = [
        Column(_("Name"), least=8),
        Column(_("Link"), least=8),
        Column(_("Used by"), least=6),
        Column(_("MAC address"), least=17, optional=True),
        Column(_("Description"), least=8, optional=True),
    ]
    macs = _macs(application)
    described = {one.name: one for one in interfaces(document, kind="ethernet")}
    rows = []
    for name in dict.fromkeys([*macs, *described]):
        one = described.get(name)
        mac = macs.get(name) or str(getattr(one, "mac", "") or "")
        used = ", ".join(users_of(document, name)) or (_("addresses") if one else "-")
        alias = one.alias if one is not None else ""
        rows.append(Row(name, (name, state_of(application, name), used, mac, alias)))
    words = _("The wired ports of this host. Bonds, VLANs and bridges have pages of their own.")
    return listing(
        application, columns, rows, _ACTIONS, head=[("dim", words), ""], opens=_ACTIONS[0]
    )


def _macs(application: Application) -> dict[str, str]:
    status = application.status
    if status is None:
        return {}
    return {i.name: i.mac for i in status.interfaces if i.kind == "ethernet"}


def _edit(application: Application, key: str) -> None:
    from host.document.network import Ethernet

    if not key:
        return
    document = application.staging.wanted
    found = [one for one in interfaces(document, kind="ethernet") if one.name == key]
    interface = found[0] if found else None
    mac = interface.mac if isinstance(interface, Ethernet) else _macs(application).get(key, "")
    fields = [
        *common_fields(interface, Ethernet),
        model_field(
            "mac",
            _("MAC address"),
            mac,
            Ethernet,
            help=_("The permanent address: finds the port again when its name changes."),
            optional=True,
        ),
    ]

    def change(values: dict[str, Any]) -> HostDocument:
        made = edited(interface, Ethernet, {**_without_addresses(document, key), **values})
        made = made.model_copy(update={"name": key})
        return with_interface(document, made, replacing=key)

    edit_in_dialog(application, _("Interface {name}").format(name=key), fields, change)


def _without_addresses(document: HostDocument, name: str) -> dict[str, Any]:
    """What a port that is described for the first time starts with."""
    values: dict[str, Any] = {"name": name}
    if users_of(document, name):
        values |= {"ipv4": {"method": "disabled"}, "ipv6": {"method": "disabled"}}
    return values


_ACTIONS = (
    Action(N_("Edit"), "set", _edit),
    Action(N_("Forget settings"), "set", remove),
)

PAGE = Page(
    name="network-interfaces",
    title=N_("Interfaces"),
    rank=0,
    preview=_open,
    open=_open,
    verbs=("status",),
    actions=_ACTIONS,
)
