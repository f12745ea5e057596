"""The log-in dialog: name and password, checked by the host in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config_tui.kit.fields import SecretField, TextField
from config_tui.kit.form import Form, FormDialog, Values
from config_tui.kit.text import _
from foundation.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from config_tui.application import Application


def ask_to_log_in(application: Application, then: Callable[[], None]) -> None:
    """Open the dialog; ``then`` is called once the person is logged in."""
    name = TextField("name", _("Name"), "root")
    password = SecretField("password", _("Password"))
    busy = False

    def submit(values: Values) -> None:
        nonlocal busy
        if busy:
            return
        busy = True
        form.say(_("Checking ..."))
        who, secret = values["name"], values["password"]
        application.tasks.start(
            lambda: application.host.authenticate(who, secret, application.actor),
            lambda _nothing: accepted(who),
            refused,
        )

    def accepted(who: str) -> None:
        if application.stack.top is not dialog:  # left with Esc, or locked, in the meantime
            return
        application.stack.close(dialog)
        application.user = who
        application.say(_("Logged in as {name}.").format(name=who))
        # The document says how long a console may be left alone; where it cannot be read, the
        # usual time holds, and the pages say what is wrong with it.
        host, tasks = application.host, application.tasks
        tasks.start(host.document, application.take_document, lambda failure: None)
        application.rebuild()
        then()

    def refused(failure: Failure) -> None:
        nonlocal busy
        busy = False
        form.say("")
        password.forget()
        form.show_errors({"password": str(failure)})
        form.focus_field("password")

    form = Form(
        [name, password],
        submit,
        submit=_("Log in"),
        enter_submits=True,
        on_cancel=lambda: application.stack.close(dialog),
    )
    form.focus_field("password")
    dialog = FormDialog(_("Log in"), form, width=56)
    application.stack.open(dialog)
