"""Addresses: how each interface comes to its addresses, and which one the host is managed by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.document_fields import edit_in_dialog, list_field, model_field, nested
from config_tui.kit.dialog import show_failure
from config_tui.kit.fields import ChoiceField, Field, YesNoField
from config_tui.kit.table import Column, Row
from config_tui.kit.text import N_, _
from config_tui.listing import listing
from config_tui.page import Action, Page
from config_tui.pages.network.links import known_names, with_interface
from config_tui.storage_words import made
from foundation.failure import Failure

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument
    from host.document.network import Interface

_METHODS_4 = (
    ("auto", N_("DHCP")),
    ("manual", N_("fixed addresses")),
    ("disabled", N_("none")),
)
_METHODS_6 = (
    ("auto", N_("router advertisements")),
    ("dhcp", N_("DHCPv6")),
    ("manual", N_("fixed addresses")),
    ("link-local", N_("link-local only")),
    ("disabled", N_("none")),
)


def _open(application: Application) -> Any:
    return application.with_document(lambda document: _table(application, document))


def _table(application: Application, document: HostDocument) -> Any:
    from host.document.network import management_path

    management = management_path(document.network)
    columns = [Column(_("Name"), least=8), Column("IPv4", least=10), Column("IPv6", least=8)]
    described = {one.name: one for one in document.network.interfaces}
    rows = []
    for name in known_names(application, document):
        one = described.get(name)
        star = " *" if name == management else ""
        if one is None:
            dhcp = _("DHCP") if not described else _("not used")
            rows.append(Row(name, (name, dhcp, "-")))
        else:
            cells = (_family(one.ipv4, _METHODS_4), _family(one.ipv6, _METHODS_6))
            rows.append(Row(name, (f"{name}{star}", *cells)))
    words = _("* is the management interface: administrators and the Manager reach the host by it.")
    return listing(
        application, columns, rows, _ACTIONS, head=[("dim", words), ""], opens=_ACTIONS[0]
    )


def _family(settings: Any, methods: tuple[tuple[str, str], ...]) -> str:
    if settings.addresses:
        return ", ".join(str(address) for address in settings.addresses)
    return _(dict(methods)[settings.method])


def _edit(application: Application, key: str) -> None:
    from host.document.network import Ethernet

    if not key:
        return
    document = application.staging.wanted
    found = document.network.interface(key)
    interface: Interface = found if found is not None else Ethernet(name=key)
    edit_in_dialog(
        application,
        _("Addresses of {name}").format(name=key),
        [*_fields_4(application, interface), *_fields_6(application, interface)],
        lambda values: _changed(document, interface, values),
    )


def _changed(document: HostDocument, interface: Interface, values: dict[str, Any]) -> HostDocument:
    from host.document.network import IPv4Settings, IPv6Settings

    tree = nested(values)
    families: dict[str, Any] = {}
    for name, model in (("ipv4", IPv4Settings), ("ipv6", IPv6Settings)):
        kept = {
            key: value for key, value in dict(getattr(interface, name)).items() if key not in _ASKED
        }
        families[name] = {**kept, **tree[name]}
        model.model_validate(families[name])
    made = type(interface).model_validate({**dict(interface), **families})
    return with_interface(document, made, replacing=interface.name)


_ASKED = ("method", "addresses", "gateway", "gateway_on_link", "default_route")


def _fields_4(application: Application, interface: Interface) -> list[Field]:
    from host.document.network import IPv4Settings

    settings = interface.ipv4
    method = ChoiceField(
        "ipv4.method",
        "IPv4",
        [(value, _(label)) for value, label in _METHODS_4],
        settings.method,
        stack=application.stack,
    )
    return [method, *_fixed("ipv4", settings, IPv4Settings, method, "10.0.4.13/24")]


def _fields_6(application: Application, interface: Interface) -> list[Field]:
    from host.document.network import IPv6Settings

    settings = interface.ipv6
    method = ChoiceField(
        "ipv6.method",
        "IPv6",
        [(value, _(label)) for value, label in _METHODS_6],
        settings.method,
        stack=application.stack,
    )
    return [method, *_fixed("ipv6", settings, IPv6Settings, method, "fd00:4::13/64")]


def _fixed(
    family: str, settings: Any, model: type[Any], method: ChoiceField, example: str
) -> list[Field]:
    """The fields for fixed addresses, asked where they mean something."""
    version = family[-1]
    return [
        list_field(
            f"{family}.addresses",
            _("IPv{version} addresses").format(version=version),
            settings.addresses,
            model,
            help=_("With the prefix, as in {example}; several set apart by commas.").format(
                example=example
            ),
        ).asked_when(lambda: method.value == "manual"),
        model_field(
            f"{family}.gateway",
            _("IPv{version} gateway").format(version=version),
            settings.gateway,
            model,
            help=_("Leave it empty on networks that do not lead out."),
            optional=True,
        ).asked_when(lambda: method.value == "manual"),
        YesNoField(
            f"{family}.gateway_on_link",
            "",
            settings.gateway_on_link,
            text=_("the gateway is outside the subnet"),
        ).asked_when(lambda: method.value == "manual"),
        YesNoField(
            f"{family}.default_route",
            "",
            settings.default_route,
            text=_("may carry the default route"),
        ).asked_when(lambda: method.value not in ("disabled", "link-local")),
    ]


def _manage(application: Application, key: str) -> None:
    from host.document.network import Network

    document = application.staging.wanted
    if document.network.interface(key) is None:
        application.say(_("Give {name} addresses first.").format(name=key))
        return
    try:
        network = made(Network, **{**dict(document.network), "management": key})
    except Failure as failure:  # as of a port of a bridge, which has no address of its own
        show_failure(application.stack, failure)
        return
    application.stage(document.replacing(network=network))


_ACTIONS = (
    Action(N_("Edit"), "set", _edit),
    Action(N_("Use for management"), "set", _manage),
)

PAGE = Page(
    name="network-addresses",
    title=N_("Addresses"),
    rank=40,
    preview=_open,
    open=_open,
    verbs=("status",),
    actions=_ACTIONS,
)
