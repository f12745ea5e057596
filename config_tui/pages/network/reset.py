"""Emergency reset: a network to fall back on when nothing works; no guest is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.document_fields import STAGE, checked_by
from config_tui.flows import ask_host
from config_tui.kit.fields import ChoiceField, Field, TextField
from config_tui.kit.form import Form
from config_tui.kit.panel import Panel
from config_tui.kit.text import N_, _
from config_tui.page import Action, Page

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.network import Network

_WORDS = N_(
    "When the host cannot be reached any more: every wired port asks DHCP, or one port has an "
    "address. Guests keep running, and bridges with guests on them stay. The reset is staged like "
    "any other change: F9 shows it and applies it, with a way back."
)


def _preview(application: Application) -> Any:
    return Panel(body=[("heading", _("Emergency reset")), "", _(_WORDS)])


def _open(application: Application) -> Any:
    return application.with_document(lambda _document: _form(application))


def _form(application: Application) -> Any:
    status = application.status
    ports = [i.name for i in status.interfaces if i.kind == "ethernet"] if status else []
    port = ChoiceField(
        "port",
        _("Port"),
        [("", _("all, with DHCP")), *((name, name) for name in ports)],
        stack=application.stack,
    )
    fields: list[Field] = [
        port,
        TextField(
            "address",
            _("Address"),
            check=_address,
            help=_("With the prefix, as in {example}.").format(example="10.0.4.13/24"),
        ).asked_when(lambda: port.value != ""),
        TextField(
            "gateway",
            _("Gateway"),
            check=lambda text: _of_its_family("gateway", text),
            optional=True,
        ).asked_when(lambda: port.value != ""),
    ]

    def submit(values: dict[str, Any]) -> None:
        ask_host(
            application,
            _("Looking which guests use the network ..."),
            lambda: application.host.network.reset_network(
                values["port"] or None, values.get("address") or "", values.get("gateway") or ""
            ),
            lambda network: _stage(application, network),
        )

    return Form(fields, submit, submit=_(STAGE.label), introduction=_(_WORDS))


def _address(text: str) -> Any:
    found = _of_its_family("addresses", text, many=True)
    if len(found) != 1:
        raise ValueError(_("Write an address with its prefix as in 10.0.4.13/24."))
    return found[0]


def _of_its_family(field: str, text: str, *, many: bool = False) -> Any:
    from host.document.addressing import IPv4Settings, IPv6Settings

    model = IPv6Settings if ":" in text else IPv4Settings
    return checked_by(model, field, many=many)(text)


def _stage(application: Application, network: Network) -> None:
    application.stage(application.staging.wanted.replacing(network=network))
    application.go("changes")


PAGE = Page(
    name="network-reset",
    title=N_("Emergency reset"),
    rank=90,
    preview=_preview,
    open=_open,
    actions=(Action(STAGE.label, "network reset", STAGE.run),),
)
