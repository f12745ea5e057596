"""Idle lock and password rules: when a console locks itself, what a new password must be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.document_fields import STAGE, document_form
from config_tui.kit.fields import NumberField
from config_tui.kit.text import N_, _
from config_tui.page import Page
from config_tui.pages.security.documents import with_access

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument


def _open(application: Application) -> Any:
    return application.with_document(lambda document: _form(application, document))


def _form(application: Application, document: HostDocument) -> Any:
    from host.document.access import PasswordPolicy

    access = document.access
    policy = access.password_policy

    def change(values: dict[str, Any]) -> HostDocument:
        made = PasswordPolicy(
            minimum_length=values["minimum_length"], minimum_classes=values["minimum_classes"]
        )
        return with_access(document, idle_lock=values["idle_lock"], password_policy=made)

    return document_form(
        application,
        [
            NumberField(
                "idle_lock",
                _("Idle lock"),
                access.idle_lock,
                most=86400,
                help=_("Seconds without a key until a console locks itself; 0 is never."),
            ),
            NumberField(
                "minimum_length",
                _("Password length"),
                policy.minimum_length,
                least=1,
                most=128,
                help=_("The least number of characters of a new password."),
            ),
            NumberField(
                "minimum_classes",
                _("Kinds of characters"),
                policy.minimum_classes,
                least=1,
                most=4,
                help=_("Of: small letters, capitals, digits, others."),
            ),
        ],
        change,
    )


PAGE = Page(
    name="security-console",
    title=N_("Lock, rules"),
    rank=50,
    preview=_open,
    open=_open,
    verbs=("get",),
    actions=(STAGE,),
)
