"""The pages that are plain forms: language, network, host name and time, root password."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import urwid
from pydantic import ValidationError

from config_tui.kit.dialog import DialogStack, show_failure
from config_tui.kit.fields import ChoiceField, Field, NumberField, SecretField, TextField
from config_tui.kit.form import Form, Values
from config_tui.kit.tasks import Tasks
from foundation.password_hash import hash_password
from foundation.secret import Secret
from host.document.model import check_timezone
from installer.machine.model import Machine, NetworkPort
from installer.screens import entries, regions
from installer.screens.draft import Draft, NetworkDraft, network_of

Take = Callable[[dict[str, Any]], None]
Back = Callable[[], None]


class FormPage:
    """A page that is one form."""

    def __init__(
        self,
        title: str,
        introduction: str,
        fields: Sequence[Field],
        on_submit: Callable[[Values], None],
        back: Back,
        together: Callable[[Values], Mapping[str, str]] = lambda values: {},
    ) -> None:
        """``on_submit`` gets the values once all are right."""
        self.title = title
        self.form = Form(
            fields,
            on_submit,
            submit="Next",
            on_cancel=back,
            cancel="Back",
            together=together,
            introduction=introduction,
        )

    @property
    def widget(self) -> urwid.Widget:
        """The form."""
        return self.form

    def enter(self, draft: Draft) -> None:
        """Nothing changes between visits: the fields keep what was typed."""


def locale_page(stack: DialogStack, take: Take, back: Back) -> FormPage:
    """The first page."""
    fields = (
        ChoiceField("language", "Language", regions.LANGUAGES, stack=stack,
                    help="The language of the installed host's messages."),
        ChoiceField("keyboard", "Keyboard", regions.KEYBOARDS, stack=stack,
                    help="The layout of the installed host's console."),
    )  # fmt: skip
    return FormPage(
        "Language and keyboard",
        "This installs flexVDI on this machine. Nothing is written before you confirm it at "
        "the end. Left and right change a choice, Enter opens the list, Tab goes on.",
        fields,
        take,
        back,
    )


def network_page(machine: Machine, stack: DialogStack, take: Take, back: Back) -> FormPage:
    """The network that administrators and the Manager reach the host by."""
    ports = [(port.name, _port_in_words(port)) for port in machine.network_ports]
    linked = next((port.name for port in machine.network_ports if port.link), None)
    fields: list[Field] = [
        ChoiceField("port", "Interface", ports or [("", "none found")], linked, stack=stack,
                    help="The port of the management network."),
        NumberField("vlan", "VLAN", least=1, most=4094, optional=True,
                    help="The VLAN's number from 1 to 4094; empty for untagged."),
        ChoiceField("method", "Addresses", (("auto", "Automatic (DHCP)"), ("manual", "Static")),
                    help="Static needs an address; the fields below are for it."),
        TextField("address", "Address/prefix", check=entries.parse_address, optional=True,
                  help="As in 192.0.2.10/24 or 2001:db8::10/64."),
        TextField("gateway", "Gateway", check=entries.parse_server, optional=True,
                  help="The router of this network, as in 192.0.2.1."),
        TextField("dns_servers", "DNS servers", check=entries.parse_servers, optional=True,
                  help="Addresses separated by spaces; empty for those that DHCP names."),
    ]  # fmt: skip

    def draft_of(values: Values) -> NetworkDraft:
        static = values["method"] == "manual"
        return NetworkDraft(
            port=values["port"],
            vlan=values["vlan"],
            address=values["address"] if static else None,
            gateway=values["gateway"] if static else None,
            dns_servers=values["dns_servers"] or (),
        )

    def together(values: Values) -> Mapping[str, str]:
        if values["method"] == "auto":
            for name in ("address", "gateway"):
                if values[name] is not None:
                    return {name: "Choose static addresses, or leave this empty."}
            return {}
        if values["address"] is None:
            return {"address": "A static configuration needs an address."}
        try:
            network_of(draft_of(values), machine)
        except ValidationError as error:
            return {"gateway": str(error.errors()[0]["msg"]).removeprefix("Value error, ")}
        except ValueError as error:
            return {"gateway": str(error)}
        return {}

    return FormPage(
        "Network",
        "",
        fields,
        lambda values: take({"network": draft_of(values)}),
        back,
        together,
    )


def _port_in_words(port: NetworkPort) -> str:
    link = {True: "link", False: "no link", None: "down"}[port.link]
    return f"{port.name}  {port.mac}  {link}"


def identity_page(stack: DialogStack, take: Take, back: Back) -> FormPage:
    """Host name and time."""
    fields: list[Field] = [
        TextField("hostname", "Host name", check=entries.parse_host_name,
                  help="Unique in your network, as in host1.example.com."),
        ChoiceField("timezone", "Time zone", regions.time_zones(), stack=stack,
                    help="Enter opens the list; typing there searches."),
        TextField("ntp_servers", "NTP servers", check=entries.parse_time_servers, optional=True,
                  help="Names or addresses separated by spaces; empty for the usual ones."),
    ]  # fmt: skip

    def submit(values: Values) -> None:
        take({**values, "ntp_servers": values["ntp_servers"] or ()})

    def together(values: Values) -> Mapping[str, str]:
        try:
            check_timezone(values["timezone"])
        except ValueError as error:
            return {"timezone": str(error)}
        return {}

    return FormPage("Host name and time", "", fields, submit, back, together)


def password_page(tasks: Tasks, stack: DialogStack, take: Take, back: Back) -> FormPage:
    """Root's password, hashed at once, and a key for SSH."""
    hint = "At least 8 characters; long ones are best."

    def check(secret: Secret) -> Secret:
        password.help = f"{hint} This one is {entries.strength_of(secret)}."
        return entries.parse_password(secret)

    password = SecretField("password", "Root password", check=check, help=hint)
    fields: list[Field] = [
        password,
        SecretField("again", "The same again", help="To find mistyped keys."),
        TextField("root_ssh_key", "SSH public key", check=entries.parse_ssh_key, optional=True,
                  help="Optional: with it root may log in by SSH, with the password it may not."),
    ]  # fmt: skip

    def together(values: Values) -> Mapping[str, str]:
        if values["password"] != values["again"]:
            return {"again": "The two passwords differ."}
        return {}

    def submit(values: Values) -> None:
        # Hashing takes a good part of a second on purpose; the screen stays alive meanwhile.
        tasks.start(
            lambda: hash_password(values["password"]),
            lambda hashed: take(
                {"root_password_hash": hashed, "root_ssh_key": values["root_ssh_key"]}
            ),
            lambda failure: show_failure(stack, failure),
        )

    return FormPage("Root password", "", fields, submit, back, together)
