"""Firewall: what may reach this host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.document_fields import STAGE, document_form, list_field
from config_tui.kit.fields import YesNoField
from config_tui.kit.text import N_, _
from config_tui.page import Page

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument


def _open(application: Application) -> Any:
    return application.with_document(lambda document: _form(application, document))


def _form(application: Application, document: HostDocument) -> Any:
    from host.document.system import Firewall

    old = document.firewall
    enabled = YesNoField("enabled", _("Firewall"), old.enabled, text=_("on"))

    def change(values: dict[str, Any]) -> HostDocument:
        plain = {name: value if value is not None else () for name, value in values.items()}
        return document.replacing(firewall=Firewall(**{**dict(old), **plain}))

    return document_form(
        application,
        [
            enabled,
            list_field(
                "services",
                _("Services"),
                old.services,
                Firewall,
                help=_("By firewalld's names, as in ssh, https."),
            ).asked_when(lambda: enabled.value),
            list_field(
                "ports",
                _("Ports"),
                old.ports,
                Firewall,
                help=_("As in 443/tcp or 5900-5910/tcp."),
            ).asked_when(lambda: enabled.value),
        ],
        change,
    )


PAGE = Page(
    name="security-firewall",
    title=N_("Firewall"),
    rank=60,
    preview=_open,
    open=_open,
    verbs=("get",),
    actions=(STAGE,),
)
