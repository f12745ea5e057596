"""The form of a deployment: one page, with what this host and the image suggest filled in."""

from __future__ import annotations

from ipaddress import ip_interface
from typing import TYPE_CHECKING, Any

from config_tui.document_fields import checked_by, words
from config_tui.kit.fields import (
    ChoiceField,
    Field,
    NumberField,
    SecretField,
    TextField,
    YesNoField,
)
from config_tui.kit.form import Values
from config_tui.kit.text import _, bytes_in_words

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.api.manager import Suggestions
    from host.document.deployment import DeploymentRequest


def fields_of(application: Application, found: Suggestions) -> list[Field]:
    """The fields, in the order of what people know first."""
    from host.document.deployment import DeploymentRequest as Model

    return [
        TextField(
            "address",
            _("Address"),
            check=checked_by(Model, "address"),
            help=_("Free, with its prefix length. Networks of this host: {subnet}.").format(
                subnet=", ".join(found.subnets) or "-"
            ),
        ),
        TextField(
            "gateway", _("Gateway"), next(iter(found.gateways), ""),
            check=checked_by(Model, "gateway"), optional=True,
            help=_("The router that leads to other networks."),
        ),
        TextField(
            "dns", _("DNS servers"), ", ".join(found.dns),
            check=checked_by(Model, "dns", many=True), optional=True,
            help=_("Several are separated by commas."),
        ),
        TextField(
            "hostname", _("Name"), "manager", check=checked_by(Model, "hostname"),
            help=_("A DNS name if it has one; the address alone will do as well."),
        ),
        _bridge(application, found),
        TextField(
            "folder", _("Folder"), found.folders[0][0], check=checked_by(Model, "folder"),
            help=_("Where its disks go, in a folder of their own. Known: {folders}").format(
                folders=", ".join(f"{path} ({_free(free)})" for path, free in found.folders)
            ),
        ),
        NumberField("vcpus", _("Processors"), found.vcpus or 2, least=1, most=64),
        NumberField(
            "memory", _("Memory in MiB"), found.memory or 2048, least=512, most=1 << 20
        ),
        NumberField(
            "data_disk", _("Data disk in GiB"), found.data_disk or 16, least=1, most=1 << 14,
            help=_("It takes room only as it fills."),
        ),
        TextField(
            "administrator", _("Administrator"), "admin", check=checked_by(Model, "administrator"),
            help=_("Who signs in to the Manager first."),
        ),
        SecretField(
            "password", _("Password"), optional=True,
            help=_("Without one, the set-up is finished in the browser."),
        ),
        SecretField("again", _("Once more"), optional=True),
        YesNoField("autostart", _("Start"), True, text=_("whenever this host starts")),
        YesNoField("enrol", _("Join"), True, text=_("this host joins it")),
    ]  # fmt: skip


def _bridge(application: Application, found: Suggestions) -> Field:
    if not found.bridges:
        return TextField("bridge", _("Bridge"), help=_("This host has none yet: see Network."))
    names = [(name, name) for name in found.bridges]
    return ChoiceField("bridge", _("Bridge"), names, stack=application.stack)


def _free(free: int) -> str:
    return _("{free} free").format(free=bytes_in_words(free))


def together(values: Values) -> dict[str, str]:
    """What does not fit together."""
    from foundation.failure import Failure
    from foundation.secret import Secret
    from host.document.deployment import check_password, is_next_hop

    first, second = values["password"], values["again"]
    if (first or Secret("")) != (second or Secret("")):
        return {"again": _("The two passwords differ.")}
    if first is not None:
        try:
            check_password(first)
        except Failure as failure:
            return {"password": failure.cause}
    gateway = values["gateway"]
    if gateway:
        network = ip_interface(values["address"]).network
        if not is_next_hop(gateway, values["address"]):
            return {"gateway": _("It is not inside of {network}.").format(network=network)}
    return {}


def request_of(values: Values) -> DeploymentRequest:
    """The request; the password is hashed here and goes no further."""
    from host.document.deployment import hash_password, make_request

    given: dict[str, Any] = {
        name: value for name, value in values.items() if name not in ("password", "again")
    }
    dns = given.pop("dns")
    given["dns"] = tuple(words(dns)) if isinstance(dns, str) else tuple(dns or ())
    if values["password"] is not None:
        given["password_hash"] = hash_password(values["password"])
    return make_request(**given)
