"""Log target: a server that gets a copy of the host's log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.document_fields import edit_in_dialog, model_field
from config_tui.flows import ask_host, tell_done
from config_tui.kit.fields import ChoiceField, Field, NumberField
from config_tui.kit.panel import Panel, labelled
from config_tui.kit.text import N_, _
from config_tui.listing import action_buttons
from config_tui.page import Action, Page

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument


def _open(application: Application) -> Any:
    return application.with_document(lambda document: _panel(application, document))


def _panel(application: Application, document: HostDocument) -> Any:
    target = document.logging.target
    body: list[Any] = [("heading", _("Log target")), ""]
    if target is None:
        body.append(_("Logs stay on this host, in its journal."))
    else:
        body += [
            labelled(_("Server"), target.host),
            labelled(_("Protocol"), target.protocol),
            labelled(_("Port"), str(target.effective_port)),
        ]
    return Panel(body=body, buttons=action_buttons(application, _ACTIONS))


def _edit(application: Application, _key: str) -> None:
    from host.document.system import Logging, LogTarget

    document = application.staging.wanted
    old = document.logging.target
    fields: list[Field] = [
        model_field(
            "host",
            _("Server"),
            old.host if old is not None else None,
            LogTarget,
            help=_("A name or an address; it must take RFC 5424."),
        ),
        ChoiceField(
            "protocol",
            _("Protocol"),
            [("tcp", "TCP"), ("tls", "TLS"), ("udp", "UDP")],
            old.protocol if old is not None else None,
            stack=application.stack,
        ),
        NumberField(
            "port",
            _("Port"),
            old.port if old is not None else None,
            least=1,
            most=65535,
            help=_("Empty: the usual one of the protocol."),
            optional=True,
        ),
    ]

    def change(values: dict[str, Any]) -> HostDocument:
        ca = old.ca if old is not None and values["protocol"] == "tls" else None
        target = LogTarget(**values, ca=ca)
        return document.replacing(logging=Logging(target=target))

    edit_in_dialog(application, _("Log target"), fields, change)


def _test(application: Application, _key: str) -> None:
    target = application.staging.wanted.logging.target
    if target is None:
        application.say(_("Set a log target first."))
        return
    actor = application.actor
    ask_host(
        application,
        _("Sending a message to {host} ...").format(host=target.host),
        lambda: application.host.system.test_log_target(target, actor),
        lambda words: tell_done(application, words, "flexvdi-config log-target test"),
    )


def _stop(application: Application, _key: str) -> None:
    from host.document.system import Logging

    document = application.staging.wanted
    application.stage(document.replacing(logging=Logging()))


_ACTIONS = (
    Action(N_("Edit"), "set", _edit),
    Action(N_("Try"), "log-target test", _test),
    Action(N_("Send no more"), "set", _stop),
)

PAGE = Page(
    name="system-logging",
    title=N_("Log target"),
    rank=10,
    preview=_open,
    open=_open,
    verbs=("get",),
    actions=_ACTIONS,
)
