"""Fibre Channel and SAS: the adapters, their addresses and links; looking for new LUNs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.kit.table import Column, Row
from config_tui.kit.text import N_, _
from config_tui.listing import listing
from config_tui.page import Action, Page
from config_tui.pages.storage.disks import rescan

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.storage_values import HostAdapter


def _open(application: Application) -> Any:
    return application.loading(
        application.host.storage.adapters, lambda found: _table(application, found)
    )


def _table(application: Application, adapters: tuple[HostAdapter, ...]) -> Any:
    columns = [
        Column(_("Adapter"), least=6),
        Column(_("Kind"), least=4),
        Column(_("Address"), least=16),
        Column(_("State"), least=7),
        Column(_("Speed"), least=4, optional=True),
        Column(_("Driver"), least=4, optional=True),
    ]
    rows = [Row(a.name, (a.name, a.kind, a.address, a.state, a.speed, a.driver)) for a in adapters]
    words = _("Give the addresses to the array's administrator, then look for new LUNs.")
    return listing(application, columns, rows, _ACTIONS, head=[("dim", words), ""])


_ACTIONS = (Action(N_("Rescan"), "disks rescan", rescan),)

PAGE = Page(
    name="storage-adapters",
    title=N_("FC, SAS"),
    rank=20,
    preview=_open,
    open=_open,
    verbs=("adapters",),
    actions=_ACTIONS,
)
