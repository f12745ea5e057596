"""Log: the host's journal, the latest entries first seen, older ones on demand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from config_tui.kit.dialog import choose
from config_tui.kit.fields import ChoiceField, Field, TextField, YesNoField
from config_tui.kit.form import Form, FormDialog, Values
from config_tui.kit.panel import Panel
from config_tui.kit.text import N_, _
from config_tui.listing import action_buttons
from config_tui.page import Action, Page

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.api.support import LogEntry, LogFilter, LogPage

_ATTRIBUTES = {"emerg": "error", "alert": "error", "crit": "error", "err": "error"}
_LINES = 200
_WANTED, _BEFORE = "support-logs wanted", "support-logs before"


def _preview(_application: Application) -> Any:
    words = _("What the system and its services write; and the records of who changed what.")
    return Panel(body=[("heading", _("Log")), "", words])


def _wanted(application: Application) -> LogFilter:
    from host.api.support import LogFilter

    found: LogFilter = application.memory.get(_WANTED) or LogFilter(priority="notice")
    return found


def _open(application: Application) -> Any:
    wanted = _wanted(application)
    before = application.memory.pop(_BEFORE, "")
    return application.loading(
        lambda: application.host.support.logs(wanted, _LINES, before),
        lambda page: _panel(application, wanted, page),
        _("Reading the log ..."),
    )


def _panel(application: Application, wanted: LogFilter, page: LogPage) -> Any:
    from config_tui.kit.panel import as_widget

    lines = [as_widget(line_of(entry)) for entry in page.entries]
    panel = Panel(
        head=[("dim", in_words(wanted))],
        body=lines or [as_widget(_("Nothing fits."))],
        buttons=action_buttons(application, _ACTIONS, lambda: page.before),
    )
    if lines:
        panel.body.set_focus(len(lines) - 1)
    return panel


def line_of(entry: LogEntry) -> Any:
    """An entry as a line; what is grave has a mark."""
    from datetime import datetime

    at = datetime.fromtimestamp(entry.time)
    attribute = _ATTRIBUTES.get(entry.priority)
    mark = "! " if attribute else ""
    text = f"{mark}{entry.message}"
    return [("dim", f"{at:%m-%d %H:%M:%S} {entry.source} "), (attribute or "body", text)]


def in_words(wanted: LogFilter) -> str:
    """What is shown."""
    parts = [_("who changed what")] if wanted.audit else []
    parts += [wanted.unit] if wanted.unit else []
    parts += [_("{priority} and worse").format(priority=wanted.priority)] if wanted.priority else []
    parts += [f"“{wanted.words}”"] if wanted.words else []
    parts += [_("since {when}").format(when=wanted.since)] if wanted.since else []
    return ", ".join(parts) or _("everything of this boot")


def _filter(application: Application, _key: str) -> None:
    from host.api.support import PRIORITIES, LogFilter

    old = _wanted(application)
    fields: list[Field] = [
        YesNoField("audit", _("Only"), old.audit, text=_("who changed what")),
        ChoiceField(
            "priority",
            _("Gravity"),
            [("", _("everything")), *((word, word) for word in PRIORITIES)],
            old.priority,
            stack=application.stack,
        ),
        TextField("words", _("Holds"), old.words, help=_("A word to look for."), optional=True),
        TextField(
            "since",
            _("Since"),
            old.since,
            help=_("As in -1h, yesterday, 2026-01-31 12:00."),
            optional=True,
        ),
        TextField("unit", _("Service"), old.unit, help=_("As in sshd.service."), optional=True),
    ]

    def submit(values: Values) -> None:
        application.stack.close(dialog)
        application.memory[_WANTED] = LogFilter(
            audit=values["audit"],
            priority=values["priority"],
            words=values["words"] or "",
            since=values["since"] or "",
            unit=values["unit"] or "",
        )
        application.rebuild()

    form = Form(fields, submit, submit=_("Show"), on_cancel=lambda: application.stack.close(dialog))
    dialog = FormDialog(_("What to show"), form)
    application.stack.open(dialog)


def _service(application: Application, _key: str) -> None:
    def chosen(unit: str) -> None:
        application.memory[_WANTED] = replace(_wanted(application), unit=unit, priority="")
        application.rebuild()

    application.tasks.start(
        application.host.support.log_sources,
        lambda names: choose(
            application.stack,
            _("Services"),
            [("", _("all")), *((name, name) for name in names)],
            chosen,
        ),
        lambda failure: application.say(str(failure)),
    )


def _older(application: Application, before: str) -> None:
    if not before:
        application.say(_("This is the beginning of the log."))
        return
    application.memory[_BEFORE] = before
    application.rebuild()


def _latest(application: Application, _key: str) -> None:
    application.rebuild()


_ACTIONS = (
    Action(N_("Filter"), "logs", _filter),
    Action(N_("Service"), "logs", _service),
    Action(N_("Older"), "logs", _older),
    Action(N_("Latest"), "logs", _latest),
)

PAGE = Page(
    name="support-logs",
    title=N_("Log"),
    rank=0,
    preview=_preview,
    open=_open,
    verbs=("logs",),
    actions=_ACTIONS,
    wide=True,
)
