"""Support bundle: everything that support needs and no secret, to a stick, a server or a file."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, Any

from config_tui.kit.dialog import Button
from config_tui.kit.fields import ChoiceField, Field, TextField
from config_tui.kit.form import Form, Values
from config_tui.kit.panel import Panel
from config_tui.kit.progress import ProgressView
from config_tui.kit.said import said
from config_tui.kit.text import N_, _, bytes_in_words
from config_tui.page import Action, Page
from foundation.failure import Failure

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.api.support import BundleProgress, BundleResult, RemovablePartition

_LABEL = N_("Save the bundle")


def _preview(_application: Application) -> Any:
    words = _(
        "Logs, states and settings in one file for support. Passwords, keys and other secrets "
        "are left out."
    )
    return Panel(body=[("heading", _("Support bundle")), "", words])


def _open(application: Application) -> Any:
    return application.loading(
        application.host.support.removable_partitions, lambda found: _form(application, found)
    )


def _form(application: Application, sticks: tuple[RemovablePartition, ...]) -> Any:
    kind = ChoiceField(
        "kind",
        _("To"),
        [("file", _("a file on this host")), ("usb", _("a stick")), ("http", _("a web server"))],
        "usb" if sticks else "file",
        stack=application.stack,
    )
    named = [
        (stick.device, f"{stick.device} {stick.label} {bytes_in_words(stick.size)}".strip())
        for stick in sticks
    ]
    fields: list[Field] = [
        kind,
        ChoiceField(
            "stick",
            _("Stick"),
            named or [("", _("none is plugged in"))],
            stack=application.stack,
        ).asked_when(lambda: kind.value == "usb"),
        TextField("path", _("File or folder"), "/var/tmp", help=_("On this host.")).asked_when(
            lambda: kind.value == "file"
        ),
        TextField(
            "url",
            "URL",
            check=_url,
            help=_("As in https://server/folder/bundle.tar.gz; it is sent by PUT."),
        ).asked_when(lambda: kind.value == "http"),
    ]

    def together(values: Values) -> dict[str, str]:
        if values["kind"] == "usb" and not values["stick"]:
            return {"stick": _("Plug one in, then press F5.")}
        return {}

    def submit(values: Values) -> None:
        targets = {"usb": "stick", "file": "path", "http": "url"}
        prefix = "usb:" if values["kind"] == "usb" else ""
        _save(application, f"{prefix}{values[targets[values['kind']]]}")

    return Form(fields, submit, submit=_(_LABEL), together=together)


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://", "post+http://", "post+https://")):
        raise ValueError(_("Write it as in https://server/folder/bundle.tar.gz"))
    return text


def _save(application: Application, target: str) -> None:
    cancel = Event()
    view = ProgressView(_("Starting ..."))
    button = Button(_("Cancel"), cancel.set)
    actor = application.actor

    def on_progress(progress: BundleProgress) -> None:
        application.tasks.call(lambda: shown(progress))

    def shown(progress: BundleProgress) -> None:
        view.say(said(progress.title))
        if progress.total:
            view.report(progress.sent, progress.total)

    def done(result: BundleResult) -> None:
        body: list[Any] = [
            ("heading", _("The bundle is saved.")),
            "",
            f"{result.place} ({bytes_in_words(result.size)})",
            "",
        ]
        if result.missing:
            body += [_("This could not be had:"), *(f"- {what}" for what in result.missing), ""]
        command = f"flexvdi-config support bundle {target}"
        body += [("dim", f"{_('The same as a command')}:"), command]
        close = Button(_("Close"), application.hub.leave)
        application.show(lambda: Panel(body=body, buttons=[close]), wide=False)

    def failed(failure: Failure) -> None:
        from config_tui.kit.dialog import failure_markup

        back = Button(_("Back"), lambda: application.go("support-bundle"))
        application.show(lambda: Panel(body=[failure_markup(failure)], buttons=[back]), wide=False)

    application.show(
        lambda: Panel([("heading", _("Support bundle")), "", view], buttons=[button]), wide=False
    )
    application.tasks.start(
        lambda: application.host.support.bundle(target, actor, on_progress, cancel), done, failed
    )


PAGE = Page(
    name="support-bundle",
    title=N_("Bundle"),
    rank=10,
    preview=_preview,
    open=_open,
    actions=(Action(_LABEL, "support bundle", lambda application, key: None),),
)
