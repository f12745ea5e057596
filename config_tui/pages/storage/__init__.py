"""Storage: the area of its pages; passing over it shows how the storage is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.checks import SEVERITY, check_line
from config_tui.kit.panel import Panel
from config_tui.kit.text import N_, _
from config_tui.page import Page

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.status import HealthCheck


def _preview(application: Application) -> Any:
    return application.loading(application.host.storage.checks, _checks)


def _checks(checks: tuple[HealthCheck, ...]) -> Any:
    words = _("Disks, iSCSI, paths to LUNs, NFS and directories, local volumes, ISO images.")
    ordered = sorted(checks, key=lambda check: SEVERITY.index(check.state))
    lines = [check_line(c.state, c.name, c.reason, c.remedy) for c in ordered]
    return Panel(body=[("heading", _("Storage")), "", words, "", *lines])


PAGE = Page(name="storage", title=N_("Storage"), rank=30, preview=_preview, verbs=("status",))
