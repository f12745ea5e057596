"""Power: maintenance, reboot and power off, after saying how many guests run; with a reason."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from config_tui.flows import ask_host, tell_done
from config_tui.kit.dialog import show_failure
from config_tui.kit.fields import TextField
from config_tui.kit.form import Form, FormDialog, Values
from config_tui.kit.panel import Panel, labelled
from config_tui.kit.said import said
from config_tui.kit.text import N_, _
from config_tui.listing import action_buttons
from config_tui.page import Action, Page
from host.status import PowerSituation

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.status import Maintenance, PowerAction

_TITLES: dict[PowerAction, str] = {"reboot": N_("Reboot"), "poweroff": N_("Power off")}


def _preview(application: Application) -> Any:
    status = application.status
    guests = _("not known") if status is None or status.guests is None else str(status.guests)
    words = _("Maintenance, reboot and power off of this host.")
    return Panel(
        body=[("heading", _("Power")), "", words, "", labelled(_("Guests running"), guests)]
    )


def _open(application: Application) -> Any:
    return application.loading(
        application.host.maintenance,
        lambda found: Panel(
            head=[("heading", _("Power")), "", *_state(application, found), ""],
            buttons=action_buttons(application, _actions_for(found)),
        ),
    )


def _actions_for(found: Maintenance | None) -> tuple[Action, ...]:
    """Those that make sense now: one enters maintenance or leaves it."""
    useless = _ENTER if found is not None else _LEAVE
    return tuple(action for action in _ACTIONS if action is not useless)


def _state(application: Application, found: Maintenance | None) -> list[Any]:
    status = application.status
    guests = _("not known") if status is None or status.guests is None else str(status.guests)
    lines: list[Any] = [labelled(_("Guests running"), guests)]
    if found is None:
        return [*lines, labelled(_("Maintenance"), _("no: the host is in service"))]
    words = _("since {who} said so: {reason}").format(who=found.who, reason=found.reason or "-")
    lines.append(labelled(_("Maintenance"), [("warning", f"! {words}")]))
    if found.guests:
        lines.append(labelled(_("Not started"), ", ".join(found.guests)))
    return lines


def _ask(application: Application, action: PowerAction) -> None:
    application.say(_("Looking what runs on this host ..."))
    application.tasks.start(
        application.host.power_situation,
        lambda situation: _confirm(application, action, situation),
        # Even a host that is too ill to say what runs must be possible to reboot.
        lambda failure: _confirm(application, action, PowerSituation(None), said(failure.cause)),
    )


def _confirm(
    application: Application, action: PowerAction, situation: PowerSituation, unknown: str = ""
) -> None:
    application.say("")
    lines = warnings(situation, unknown)
    if len(application.staging):
        lines.append(
            _("Changes that are not applied are lost: {count}.").format(
                count=len(application.staging)
            )
        )
    _with_reason(
        application,
        f"{_(_TITLES[action])}?",
        "\n\n".join(lines),
        _(_TITLES[action]),
        lambda reason: _do(application, action, reason),
    )


def _with_reason(
    application: Application,
    title: str,
    words: str,
    yes: str,
    on_yes: Callable[[str], None],
    *,
    required: bool = False,
) -> None:
    """Ask before something happens, and why it does."""
    help = _("So that others know why.") if required else _("For the records; it may stay empty.")
    reason = TextField("reason", _("Reason"), help=help, optional=not required)

    def submit(values: Values) -> None:
        application.stack.close(dialog)
        on_yes(values["reason"] or "")

    form = Form(
        [reason],
        submit,
        submit=yes,
        on_cancel=lambda: application.stack.close(dialog),
        introduction=words,
        cautious=True,
    )
    dialog = FormDialog(title, form)
    application.stack.open(dialog)


def warnings(situation: PowerSituation, unknown: str = "") -> list[str]:
    """What a person should know before the host goes down."""
    lines = []
    if situation.guests:
        lines.append(
            _("Guests running on this host: {count}. They are shut down.").format(
                count=situation.guests
            )
        )
    elif situation.guests is None:
        lines.append(_("It is not known whether guests run on this host.") + f" {unknown}".rstrip())
    else:
        lines.append(_("No guests run on this host."))
    lines += [f"! {inhibitor}" for inhibitor in situation.inhibitors]
    return lines


def _command(command: str, option: str, reason: str) -> str:
    """A command with the reason that was given, if one was."""
    return f"{command} {option} {shlex.quote(reason)}" if reason else command


def _do(application: Application, action: PowerAction, reason: str) -> None:
    application.say(f"{_(_TITLES[action])} ...")
    actor = application.actor
    application.tasks.start(
        lambda: application.host.power(action, actor, reason),
        lambda _nothing: application.say(
            _("The host goes down. Command: {command}").format(
                command=_command(f"flexvdi-config power {action}", "--reason", reason)
            )
        ),
        lambda failure: show_failure(application.stack, failure),
    )


def _enter(application: Application, _key: str) -> None:
    actor = application.actor

    def entered(found: Maintenance) -> None:
        words = _("The host is in maintenance: it starts no guests by itself. Guests run on.")
        command = f"flexvdi-config maintenance enter {shlex.quote(found.reason)}"
        tell_done(application, words, command)
        application.rebuild()

    _with_reason(
        application,
        _("Maintenance?"),
        _("The host starts no more guests by itself, over reboots, until maintenance is left."),
        _("Enter"),
        lambda reason: ask_host(
            application,
            _("Please wait ..."),
            lambda: application.host.enter_maintenance(reason, actor),
            entered,
        ),
        required=True,
    )


def _leave(application: Application, _key: str) -> None:
    actor = application.actor

    def left(_nothing: None) -> None:
        words = _("The host is back in service.")
        tell_done(application, words, "flexvdi-config maintenance leave")
        application.rebuild()

    ask_host(
        application,
        _("Please wait ..."),
        lambda: application.host.leave_maintenance(actor),
        left,
    )


_ENTER = Action(N_("Enter maintenance"), "maintenance enter", _enter)
_LEAVE = Action(N_("Leave maintenance"), "maintenance leave", _leave)
_ACTIONS = (
    Action(N_("Reboot"), "power reboot", lambda application, key: _ask(application, "reboot")),
    Action(
        N_("Power off"), "power poweroff", lambda application, key: _ask(application, "poweroff")
    ),
    _ENTER,
    _LEAVE,
)

PAGE = Page(
    name="power",
    title=N_("Power"),
    rank=90,
    preview=_preview,
    open=_open,
    verbs=("maintenance show",),
    actions=_ACTIONS,
)
