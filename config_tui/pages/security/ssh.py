"""SSH: whether the server runs, whether it takes passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.document_fields import STAGE, document_form
from config_tui.kit.fields import YesNoField
from config_tui.kit.text import _
from config_tui.page import Page
from config_tui.pages.security.documents import with_access

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument


def _open(application: Application) -> Any:
    return application.with_document(lambda document: _form(application, document))


def _form(application: Application, document: HostDocument) -> Any:
    access = document.access
    ssh = YesNoField("ssh", "SSH", access.ssh, text=_("the SSH server runs"))
    passwords = YesNoField(
        "ssh_passwords",
        "",
        access.ssh_passwords,
        text=_("it takes passwords"),
        help=_("Keys are safer: passwords are guessed at all day long."),
    ).asked_when(lambda: ssh.value)
    words = _("Without SSH this host is reached by its console and by the Manager only.")
    return document_form(
        application,
        [ssh, passwords],
        lambda values: with_access(document, **values),
        introduction=("dim", words),
    )


PAGE = Page(
    name="security-ssh",
    title="SSH",
    rank=20,
    preview=_open,
    open=_open,
    verbs=("get",),
    actions=(STAGE,),
)
