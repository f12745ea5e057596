"""The Manager: the area of its pages; passing over it shows how it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.kit.panel import Panel
from config_tui.kit.text import N_, _
from config_tui.page import Page
from config_tui.pages.manager.words import status_lines

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.api.manager import ManagerStatus


def _preview(application: Application) -> Any:
    return application.loading(application.host.manager.status, _status)


def _status(status: ManagerStatus) -> Any:
    words = _(
        "The Manager runs the whole platform. It is a guest on one of the hosts; desktops go on "
        "running while it is away."
    )
    return Panel(body=[("heading", _("Manager")), "", words, "", *status_lines(status)])


PAGE = Page(
    name="manager", title=N_("Manager"), rank=35, preview=_preview, verbs=("manager status",)
)
