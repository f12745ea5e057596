"""Routes: static routes, each by the interface it goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.document_fields import checked_by, edit_in_dialog, model_field
from config_tui.kit.dialog import confirm
from config_tui.kit.fields import ChoiceField, Field, NumberField, TextField
from config_tui.kit.table import Column, Row
from config_tui.kit.text import N_, _
from config_tui.listing import listing
from config_tui.page import Action, Page
from config_tui.pages.network.links import with_interface

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument
    from host.document.network import Interface, Route


def _routes(document: HostDocument) -> dict[str, tuple[Interface, Route]]:
    """Every route by a key of its own."""
    return {
        f"{one.name} {route.destination}": (one, route)
        for one in document.network.interfaces
        for route in (*one.ipv4.routes, *one.ipv6.routes)
    }


def _open(application: Application) -> Any:
    return application.with_document(lambda document: _table(application, document))


def _table(application: Application, document: HostDocument) -> Any:
    columns = [
        Column(_("Destination"), least=10),
        Column(_("Gateway"), least=8),
        Column(_("Through"), least=6),
        Column(_("Metric"), right=True, optional=True),
    ]
    rows = [
        Row(
            key,
            (
                route.destination,
                str(route.gateway or "-"),
                one.name,
                "" if route.metric is None else str(route.metric),
            ),
        )
        for key, (one, route) in _routes(document).items()
    ]
    words = _("Networks behind another gateway than the default one.")
    return listing(
        application, columns, rows, _ACTIONS, head=[("dim", words), ""], opens=_ACTIONS[1]
    )


def _add(application: Application, _key: str) -> None:
    document = application.staging.wanted
    if not document.network.interfaces:
        application.say(_("Describe an interface on the page Addresses first."))
        return
    _form(application, document, None)


def _edit(application: Application, key: str) -> None:
    document = application.staging.wanted
    found = _routes(document).get(key)
    if found is not None:
        _form(application, document, found)


def _form(
    application: Application, document: HostDocument, found: tuple[Interface, Route] | None
) -> None:
    from host.document.network import Route as Model

    old = found[1] if found is not None else None
    names = [one.name for one in document.network.interfaces]
    fields: list[Field] = [
        TextField(
            "destination",
            _("Destination"),
            old.destination if old is not None else "",
            check=checked_by(Model, "destination"),
            help=_("A network with its prefix, as in 10.9.0.0/16."),
        ),
        model_field(
            "gateway",
            _("Gateway"),
            old.gateway if old is not None else None,
            Model,
            help=_("Empty: the network is on the link itself."),
            optional=True,
        ),
        ChoiceField(
            "through",
            _("Through"),
            [(name, name) for name in names],
            found[0].name if found is not None else None,
            stack=application.stack,
        ),
        NumberField(
            "metric",
            _("Metric"),
            old.metric if old is not None else None,
            most=4294967295,
            help=_("Of two routes the one with the smaller number counts."),
            optional=True,
        ),
    ]

    def change(values: dict[str, Any]) -> HostDocument:
        through = values.pop("through")
        kept = dict(old) if old is not None else {}
        route = Model.model_validate({**kept, **values})
        changed = _without(document, found)
        interface = changed.network.interface(through)
        assert interface is not None
        return with_interface(changed, _with_route(interface, route), replacing=through)

    title = _("New route") if old is None else _("Route {name}").format(name=old.destination)
    edit_in_dialog(application, title, fields, lambda values: change(dict(values)))


def _family(route: Route) -> str:
    return f"ipv{route.network.version}"


def _with_route(interface: Interface, route: Route) -> Interface:
    family = _family(route)
    settings = getattr(interface, family)
    changed = type(settings)(**{**dict(settings), "routes": (*settings.routes, route)})
    return type(interface)(**{**dict(interface), family: changed})


def _without(document: HostDocument, found: tuple[Interface, Route] | None) -> HostDocument:
    if found is None:
        return document
    interface, route = found
    family = _family(route)
    settings = getattr(interface, family)
    left = tuple(one for one in settings.routes if one != route)
    changed = type(settings)(**{**dict(settings), "routes": left})
    made = type(interface)(**{**dict(interface), family: changed})
    return with_interface(document, made, replacing=interface.name)


def _remove(application: Application, key: str) -> None:
    document = application.staging.wanted
    found = _routes(document).get(key)
    if found is None:
        return
    confirm(
        application.stack,
        _("Remove this route?"),
        _("{destination} is no longer reached through {gateway}.").format(
            destination=found[1].destination, gateway=found[1].gateway or found[0].name
        ),
        _("Remove"),
        lambda: application.stage(_without(document, found)),
    )


_ACTIONS = (
    Action(N_("Add"), "set", _add),
    Action(N_("Edit"), "set", _edit),
    Action(N_("Remove"), "set", _remove),
)

PAGE = Page(
    name="network-routes",
    title=N_("Routes"),
    rank=50,
    preview=_open,
    open=_open,
    verbs=("get",),
    actions=_ACTIONS,
)
