"""Test: tries link, addresses, gateways and DNS as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.kit.panel import Panel
from config_tui.kit.text import N_, _
from config_tui.listing import action_buttons
from config_tui.page import Action, Page
from config_tui.probe_lines import probe_lines

if TYPE_CHECKING:
    from config_tui.application import Application


def _preview(application: Application) -> Any:
    words = _(
        "Tries every interface that is configured: whether it has a link, whether its address is "
        "its own, whether gateway and DNS servers answer. Nothing is changed."
    )
    return Panel(body=[("heading", _("Test")), "", words])


def _open(application: Application) -> Any:
    actor = application.actor
    return application.loading(
        lambda: application.host.network.test(actor),
        lambda probes: Panel(
            body=probe_lines(probes) or [_("There is nothing to try.")],
            buttons=action_buttons(application, _ACTIONS),
        ),
        _("Trying the network ..."),
    )


def _again(application: Application, _key: str) -> None:
    application.rebuild()


_ACTIONS = (Action(N_("Try again"), "network test", _again),)

PAGE = Page(
    name="network-test",
    title=N_("Test"),
    rank=70,
    preview=_preview,
    open=_open,
    verbs=("network test",),
    actions=_ACTIONS,
)
