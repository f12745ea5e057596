"""Security: the area of who may come in, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.kit.panel import Panel, labelled
from config_tui.kit.text import N_, _, duration_in_words
from config_tui.page import Page

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument


def _preview(application: Application) -> Any:
    if application.user is None:
        words = _("Passwords, administrators, SSH, keys, the host's certificate, the idle lock.")
        return Panel(body=[("heading", _("Security")), "", words])
    return application.with_document(_summary)


def _summary(document: HostDocument) -> Any:
    access = document.access
    ssh = _("off")
    if access.ssh:
        ssh = _("keys and passwords") if access.ssh_passwords else _("keys only")
    lock = duration_in_words(access.idle_lock) if access.idle_lock else _("never")
    return Panel(
        body=[
            ("heading", _("Security")),
            "",
            labelled(_("Administrators"), str(len(access.administrators))),
            labelled("SSH", ssh),
            labelled(_("Idle lock"), lock),
            labelled(_("Firewall"), _("on") if document.firewall.enabled else _("off")),
        ]
    )


PAGE = Page(name="security", title=N_("Security"), rank=40, preview=_preview, verbs=("get",))
