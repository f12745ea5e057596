"""Password: a new one for root or an administrator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from config_tui.document_fields import STAGE
from config_tui.kit.fields import ChoiceField, SecretField
from config_tui.kit.form import Form, Values
from config_tui.kit.panel import Panel
from config_tui.kit.text import N_, _
from config_tui.page import Action, Page
from config_tui.pages.security.documents import hashed, people, with_person
from foundation.failure import Failure

if TYPE_CHECKING:
    from config_tui.application import Application
    from foundation.secret import Secret
    from host.document.model import HostDocument


def _preview(_application: Application) -> Any:
    words = _("A new password for root or an administrator. The old one holds until you apply.")
    return Panel(body=[("heading", _("Password")), "", words])


def _open(application: Application) -> Any:
    return application.with_document(lambda document: _form(application, document))


def _form(application: Application, document: HostDocument) -> Any:
    policy = document.access.password_policy
    who = ChoiceField(
        "who",
        _("Whose"),
        [(name, name) for name in people(document)],
        application.user if application.user in people(document) else "root",
        stack=application.stack,
    )
    hint = _("At least {count} characters.").format(count=policy.minimum_length)
    password = SecretField("password", _("New password"), help=hint)
    again = SecretField("again", _("Once more"))

    def together(values: Values) -> Mapping[str, str]:
        if values["password"] != values["again"]:
            return {"again": _("This differs from the password above.")}
        return {}

    def submit(values: Values) -> None:
        form.say(_("Checking ..."))
        name, secret = values["who"], values["password"]
        application.tasks.start(
            lambda: _checked(application, name, secret),
            lambda result: accepted(name, result),
            refused,
        )

    def accepted(name: str, result: Secret) -> None:
        password.forget()
        again.forget()
        application.stage(with_person(application.staging.wanted, name, password_hash=result))

    def refused(failure: Failure) -> None:
        form.say("")
        form.show_errors({"password": str(failure)})
        form.focus_field("password")

    form = Form([who, password, again], submit, submit=_(STAGE.label), together=together)
    return form


def _checked(application: Application, name: str, password: Secret) -> Secret:
    problems = application.host.security.password_problems(name, password)
    if problems:
        raise Failure(" ".join(problems))
    return hashed(password)


PAGE = Page(
    name="security-password",
    title=N_("Password"),
    rank=0,
    preview=_preview,
    open=_open,
    actions=(Action(STAGE.label, "password set", STAGE.run),),
)
