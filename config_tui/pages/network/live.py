"""What is connected: every interface as it is now, with its switch, and its lamp to find it by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.flows import ask_host, tell_done
from config_tui.kit.dialog import tell
from config_tui.kit.said import said
from config_tui.kit.table import Column, Row
from config_tui.kit.text import N_, _
from config_tui.listing import listing
from config_tui.page import Action, Page
from config_tui.pages.status import speed_in_words

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.api.network import LiveInterface

_BLINK = 15  # seconds


def _open(application: Application) -> Any:
    return application.loading(
        application.host.network.interfaces, lambda found: _table(application, found)
    )


def _table(application: Application, found: tuple[LiveInterface, ...]) -> Any:
    columns = [
        Column(_("Name"), least=8),
        Column(_("Kind"), least=6, optional=True),
        Column(_("Link"), least=7),
        Column(_("Address"), least=12),
        Column(_("Switch"), least=8, optional=True),
    ]
    rows = [
        Row(
            one.name,
            (
                one.name,
                one.kind,
                (speed_in_words(one.speed) or _("up")) if one.carrier else _("no link"),
                ", ".join(one.addresses) or (one.controller and f"> {one.controller}") or "-",
                " ".join(f"{n.system} {n.port}" for n in one.neighbours),
            ),
        )
        for one in found
    ]
    by_name = {one.name: one for one in found}

    def details(application: Application, key: str) -> None:
        tell(application.stack, key, details_text(by_name[key]))

    return listing(
        application, columns, rows, _ACTIONS, opens=Action(N_("Details"), "network show", details)
    )


def details_text(one: LiveInterface) -> str:
    """Everything that is known of an interface."""
    values = (
        (_("Kind"), one.kind),
        (_("Description"), one.alias),
        (_("In the document"), one.described_as or _("no")),
        (_("State"), f"{said(one.state)}: {said(one.reason)}" if one.reason else said(one.state)),
        (_("MAC address"), one.mac),
        (_("Permanent MAC"), one.permanent_mac or ""),
        (_("Driver"), one.driver),
        (_("Speed"), speed_in_words(one.speed)),
        (_("MTU"), str(one.mtu)),
        (_("Addresses"), ", ".join(one.addresses)),
        (_("Gateway"), one.gateway or ""),
        (_("Port of"), one.controller or ""),
        (_("Ports"), ", ".join(one.ports)),
        (_("Guests"), ", ".join(one.guests)),
        (_("Profile"), one.profile or ""),
        (_("Switch"), ", ".join(f"{n.system} {n.port} {n.description}" for n in one.neighbours)),
    )
    return "\n".join(f"{label}: {value}" for label, value in values if value)


def _identify(application: Application, key: str) -> None:
    actor = application.actor
    application.say(
        _("The lamp of {name} blinks for {seconds} s.").format(name=key, seconds=_BLINK)
    )
    application.tasks.start(
        lambda: application.host.network.identify(key, _BLINK, actor),
        lambda _nothing: application.say(
            _("The lamp of {name} has stopped blinking.").format(name=key)
        ),
        lambda failure: application.say(str(failure)),
    )


def _renew(application: Application, key: str) -> None:
    actor = application.actor

    def done(_nothing: None) -> None:
        words = _("{name} has asked for its addresses anew.").format(name=key)
        tell_done(application, words, f"flexvdi-config network renew {key}")
        application.rebuild()

    ask_host(
        application,
        _("Asking for the addresses of {name} anew ...").format(name=key),
        lambda: application.host.network.renew(key, actor),
        done,
    )


_ACTIONS = (
    Action(N_("Blink the lamp"), "network identify", _identify),
    Action(N_("Renew DHCP"), "network renew", _renew),
)

PAGE = Page(
    name="network-live",
    title=N_("What is there"),
    rank=65,
    preview=_open,
    open=_open,
    verbs=("network show",),
    actions=_ACTIONS,
)
