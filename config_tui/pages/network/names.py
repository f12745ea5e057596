"""Names: the host's own name, and the servers that are asked for the names of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.document_fields import STAGE, document_form, list_field, model_field
from config_tui.kit.fields import Field
from config_tui.kit.panel import Panel, labelled
from config_tui.kit.text import N_, _
from config_tui.page import Page
from config_tui.pages.network.links import with_interface

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument
    from host.document.network import Interface


def _carrier(document: HostDocument) -> Interface | None:
    """The interface that the DNS settings are kept with: the management interface."""
    from host.document.network import management_path

    name = management_path(document.network)
    return document.network.interface(name) if name else None


def _preview(application: Application) -> Any:
    return application.with_document(_summary)


def _summary(document: HostDocument) -> Any:
    carrier = _carrier(document)
    servers = ", ".join(str(s) for s in carrier.dns_servers) if carrier is not None else ""
    search = ", ".join(carrier.dns_search) if carrier is not None else ""
    return Panel(
        body=[
            labelled(_("Host name"), document.identity.hostname),
            labelled(_("DNS servers"), servers or _("as DHCP says")),
            labelled(_("Search domains"), search or _("none")),
        ]
    )


def _open(application: Application) -> Any:
    return application.with_document(lambda document: _form(application, document))


def _form(application: Application, document: HostDocument) -> Any:
    from host.document.model import Identity
    from host.document.network import Ethernet

    carrier = _carrier(document)
    fields: list[Field] = [
        model_field(
            "hostname",
            _("Host name"),
            document.identity.hostname,
            Identity,
            help=_("Best with the domain, as in node3.example.org."),
        )
    ]
    if carrier is not None:
        fields += [
            list_field("dns_servers", _("DNS servers"), carrier.dns_servers, Ethernet),
            list_field(
                "dns_search",
                _("Search domains"),
                carrier.dns_search,
                Ethernet,
                help=_("Tried behind names without a dot."),
            ),
        ]

    def change(values: dict[str, Any]) -> HostDocument:
        identity = Identity(**{**dict(document.identity), "hostname": values["hostname"]})
        changed = document.replacing(identity=identity)
        if carrier is None:
            return changed
        names = ("dns_servers", "dns_search")
        made = type(carrier).model_validate(
            {**dict(carrier), **{name: values[name] or () for name in names}}
        )
        return with_interface(changed, made, replacing=carrier.name)

    words = _("The DNS servers are kept with the management interface.")
    if carrier is None:
        words = _("DNS servers come by DHCP until an interface has fixed addresses.")
    return document_form(application, fields, change, introduction=("dim", words))


PAGE = Page(
    name="network-names",
    title=N_("DNS, host name"),
    rank=60,
    preview=_preview,
    open=_open,
    verbs=("get",),
    actions=(STAGE,),
)
