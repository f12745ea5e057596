"""Language and keyboard of the console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.document_fields import STAGE, document_form
from config_tui.kit.fields import ChoiceField
from config_tui.kit.text import N_, _
from config_tui.page import Page

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.api.system import Choice
    from host.document.model import HostDocument


def _open(application: Application) -> Any:
    system = application.host.system

    def build(found: tuple[tuple[Choice, ...], tuple[Choice, ...]]) -> Any:
        return application.with_document(lambda document: _form(application, document, *found))

    return application.loading(lambda: (system.languages(), system.keyboards()), build)


def _form(
    application: Application,
    document: HostDocument,
    languages: tuple[Choice, ...],
    keyboards: tuple[Choice, ...],
) -> Any:
    from host.document.model import Identity

    old = document.identity

    def change(values: dict[str, Any]) -> HostDocument:
        return document.replacing(identity=Identity(**{**dict(old), **values}))

    return document_form(
        application,
        [
            ChoiceField(
                "language",
                _("Language"),
                [(choice.name, choice.title) for choice in languages],
                old.language,
                stack=application.stack,
                help=_("Enter opens a list; type to search in it."),
            ),
            ChoiceField(
                "keyboard",
                _("Keyboard"),
                [(choice.name, choice.title) for choice in keyboards],
                old.keyboard,
                stack=application.stack,
                help=_("Enter opens a list; type to search in it."),
            ),
        ],
        change,
        introduction=("dim", _("A console takes them up when it is started anew.")),
    )


PAGE = Page(
    name="system-language",
    title=N_("Language, keys"),
    rank=0,
    preview=_open,
    open=_open,
    verbs=("languages", "keyboards"),
    actions=(STAGE,),
)
