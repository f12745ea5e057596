"""Updates: the two root slots, which one runs, which one is started next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.kit.table import Column, Row
from config_tui.kit.text import N_, _
from config_tui.listing import listing
from config_tui.page import Page

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.api.system import Slot


def _open(application: Application) -> Any:
    return application.loading(
        application.host.system.slots, lambda found: _table(application, found)
    )


def _table(application: Application, slots: tuple[Slot, ...]) -> Any:
    columns = [
        Column(_("Slot"), least=4),
        Column(_("Version"), least=8),
        Column(_("Running"), least=7),
        Column(_("Next boot"), least=4),
        Column(_("Kernel"), least=6, optional=True),
    ]
    rows = [
        Row(
            slot.name,
            (
                slot.name,
                slot.version or _("empty"),
                _("yes") if slot.running else "-",
                _("yes") if slot.next else "-",
                slot.kernel,
            ),
        )
        for slot in slots
    ]
    words = _("An update is written to the slot that does not run, so that the old one stays.")
    return listing(application, columns, rows, (), head=[("dim", words), ""])


PAGE = Page(
    name="system-slots",
    title=N_("Updates"),
    rank=30,
    preview=_open,
    open=_open,
    verbs=("slots",),
)
