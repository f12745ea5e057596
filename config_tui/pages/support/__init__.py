"""Support: what helps when something is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.kit.panel import Panel
from config_tui.kit.text import N_, _
from config_tui.page import Page

if TYPE_CHECKING:
    from config_tui.application import Application


def _preview(_application: Application) -> Any:
    words = _("The log, what was changed by whom, a bundle for support, diagnostics, a shell.")
    return Panel(body=[("heading", _("Support")), "", words])


PAGE = Page(name="support", title=N_("Support"), rank=80, preview=_preview, verbs=("logs",))
