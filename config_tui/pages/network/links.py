"""What the network's pages share: interfaces by name and kind, and documents with one changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.kit.dialog import confirm, tell
from config_tui.kit.fields import Field, NumberField, TextField
from config_tui.kit.text import _

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument
    from host.document.network import Interface


def interfaces(document: HostDocument, kind: str = "") -> tuple[Interface, ...]:
    """The interfaces of the document, or those of one kind."""
    return tuple(one for one in document.network.interfaces if kind in ("", one.kind))


def with_interface(
    document: HostDocument, interface: Interface, *, replacing: str = ""
) -> HostDocument:
    """The document with ``interface`` in the place of the one called ``replacing``, or added.

    A changed name is followed by all that is built on it. Raises pydantic's ValidationError when
    the network does not fit together then.
    """
    from host.document.network import Network

    old = document.network
    known = [one.name for one in old.interfaces]
    if replacing in known:
        found = [interface if one.name == replacing else one for one in old.interfaces]
    else:
        found = [*old.interfaces, interface]
    renamed = {replacing: interface.name} if replacing else {}
    found = [_following(one, renamed) for one in found]
    management = old.management and renamed.get(old.management, old.management)
    network = Network(**{**dict(old), "interfaces": tuple(found), "management": management})
    return document.replacing(network=network)


def _following(interface: Interface, renamed: dict[str, str]) -> Interface:
    """``interface`` with the new names of what it is built on."""
    changes: dict[str, Any] = {}
    ports = getattr(interface, "ports", ())
    if ports:
        changes["ports"] = tuple(renamed.get(port, port) for port in ports)
    parent = getattr(interface, "parent", None)
    if parent is not None:
        changes["parent"] = renamed.get(parent, parent)
    changed = any(getattr(interface, name) != value for name, value in changes.items())
    return type(interface)(**{**dict(interface), **changes}) if changed else interface


def without_interface(document: HostDocument, name: str) -> HostDocument:
    """The document without the interface; raises pydantic's ValidationError."""
    from host.document.network import Network

    old = document.network
    left = tuple(one for one in old.interfaces if one.name != name)
    management = None if old.management == name else old.management
    return document.replacing(
        network=Network(**{**dict(old), "interfaces": left, "management": management})
    )


def users_of(document: HostDocument, name: str) -> list[str]:
    """The interfaces that are built on ``name``."""
    from host.document.network import below

    return [one.name for one in document.network.interfaces if name in below(one)]


def known_names(application: Application, document: HostDocument) -> list[str]:
    """Every name that can be built on: the document's interfaces and the machine's wired ports."""
    names = [one.name for one in document.network.interfaces]
    status = application.status
    if status is not None:
        names += [i.name for i in status.interfaces if i.kind == "ethernet" and i.name not in names]
    return names


def state_of(application: Application, name: str) -> str:
    """How an interface is now, in few words."""
    from config_tui.pages.status import speed_in_words

    status = application.status
    found = [i for i in status.interfaces if i.name == name] if status is not None else []
    if not found:
        return _("not there")
    if not found[0].link:
        return _("no link")
    return speed_in_words(found[0].speed) or _("up")


def common_fields(interface: Interface | None, kind: type[Any]) -> list[Field]:
    """The fields that every kind of interface has, addresses apart."""
    from config_tui.document_fields import model_field

    return [
        model_field(
            "alias",
            _("Description"),
            interface.alias if interface is not None else "",
            kind,
            help=_("Your own words, as in: uplink to the core switch."),
            optional=True,
        ),
        NumberField(
            "mtu",
            _("MTU"),
            interface.mtu if interface is not None else None,
            least=576,
            most=65535,
            help=_("Empty: what the driver takes, mostly 1500."),
            optional=True,
        ),
    ]


def name_field(interface: Interface | None, suggestion: str, kind: type[Any]) -> TextField:
    """The interface's name."""
    from config_tui.document_fields import model_field

    return model_field(
        "name",
        _("Name"),
        interface.name if interface is not None else suggestion,
        kind,
        help=_("1 to 15 characters; guests' networks refer to bridges by name."),
    )


def free_name(document: HostDocument, stem: str) -> str:
    """The first name as in ``bond0`` that is not taken."""
    taken = {one.name for one in document.network.interfaces}
    return next(f"{stem}{number}" for number in range(1000) if f"{stem}{number}" not in taken)


def edited(interface: Interface | None, kind: type[Any], values: dict[str, Any]) -> Interface:
    """``interface`` with the values of a form; fields that were left empty have their default."""
    kept = (
        {} if interface is None else {n: v for n, v in dict(interface).items() if n not in values}
    )
    plain = {name: value for name, value in values.items() if value is not None}
    made: Interface = kind.model_validate({**kept, **plain})
    return made


def remove(application: Application, key: str) -> None:
    """Remove an interface, unless something is built on it."""
    if not key:
        return
    document = application.staging.wanted
    users = users_of(document, key)
    if users:
        words = _("{name} is used by {users}. Change that first.").format(
            name=key, users=", ".join(users)
        )
        tell(application.stack, _("This cannot be removed"), words)
        return
    words = _("{name} and its addresses are removed when the changes are applied.").format(name=key)
    if document.network.management == key:
        words += " " + _("It is the management interface: choose another one as well.")
    confirm(
        application.stack,
        _("Remove {name}?").format(name=key),
        words,
        _("Remove"),
        lambda: application.stage(without_interface(document, key)),
    )
