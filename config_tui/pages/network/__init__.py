"""Network: the area of its pages; passing over it shows how the host is connected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import urwid

from config_tui.kit import theme
from config_tui.kit.panel import Panel, labelled
from config_tui.kit.text import N_, _
from config_tui.page import Page

if TYPE_CHECKING:
    from config_tui.application import Application


def _preview(application: Application) -> urwid.Widget:
    status = application.status
    body: list[Any] = [
        ("heading", _("Network")),
        "",
        _("Interfaces and what is built on them, addresses, routes and names; tests and a reset."),
        "",
    ]
    if status is not None:
        mark = theme.current().glyphs.warning
        address: Any = status.management_address or ("error", f"{mark} {_('none')}")
        up = sum(1 for interface in status.interfaces if interface.link)
        body += [
            labelled(_("Management"), status.management or _("none")),
            labelled(_("Address"), address if isinstance(address, str) else [address]),
            labelled(_("Gateway"), status.gateway or _("none")),
            labelled(
                _("Interfaces"),
                _("{up} of {all} have a link").format(up=up, all=len(status.interfaces)),
            ),
        ]
    return Panel(body=body)


PAGE = Page(name="network", title=N_("Network"), rank=10, preview=_preview, verbs=("status",))
