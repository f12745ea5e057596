"""System: language, keyboard, logging, crash dumps, root slots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.kit.panel import Panel
from config_tui.kit.text import N_, _
from config_tui.page import Page

if TYPE_CHECKING:
    from config_tui.application import Application


def _preview(_application: Application) -> Any:
    words = _("Language and keyboard, where logs go, crash dumps, and the slots for updates.")
    return Panel(body=[("heading", _("System")), "", words])


PAGE = Page(name="system", title=N_("System"), rank=50, preview=_preview, verbs=("get",))
