"""Power: reboot and power off, after saying how many guests run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import urwid

from config_tui.kit.dialog import Button, confirm, show_failure
from config_tui.kit.text import _
from config_tui.page import Page
from host.status import PowerSituation

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.api import PowerAction

_TITLES: dict[PowerAction, str] = {"reboot": _("Reboot"), "poweroff": _("Power off")}


def _preview(application: Application) -> urwid.Widget:
    status = application.status
    guests = _("not known") if status is None or status.guests is None else str(status.guests)
    return urwid.Filler(
        urwid.Text(
            [
                ("heading", _("Power")),
                "\n\n",
                _("Reboot this host or power it off."),
                "\n\n",
                f"{_('Guests running')}: {guests}",
            ]
        ),
        valign="top",
    )


def _open(application: Application) -> urwid.Widget:
    buttons = [
        Button(title, lambda action=action: _ask(application, action))  # type: ignore[misc]
        for action, title in _TITLES.items()
    ]
    rows: list[Any] = [
        urwid.Text([("heading", _("Power")), "\n"]),
        *(urwid.Padding(button, width=button.width) for button in buttons),
    ]
    return urwid.ListBox(urwid.SimpleFocusListWalker(rows))


def _ask(application: Application, action: PowerAction) -> None:
    application.say(_("Looking what runs on this host ..."))
    application.tasks.start(
        application.host.power_situation,
        lambda situation: _confirm(application, action, situation),
        # Even a host that is too ill to say what runs must be possible to reboot.
        lambda failure: _confirm(application, action, PowerSituation(None), failure.cause),
    )


def _confirm(
    application: Application, action: PowerAction, situation: PowerSituation, unknown: str = ""
) -> None:
    application.say("")
    confirm(
        application.stack,
        f"{_TITLES[action]}?",
        "\n\n".join(warnings(situation, unknown)),
        _TITLES[action],
        lambda: _do(application, action),
    )


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


def _do(application: Application, action: PowerAction) -> None:
    application.say(f"{_TITLES[action]} ...")
    actor = application.actor
    application.tasks.start(
        lambda: application.host.power(action, actor),
        lambda _nothing: application.say(
            _("The host goes down. Command: {command}").format(
                command=f"flexvdi-config power {action}"
            )
        ),
        lambda failure: show_failure(application.stack, failure),
    )


PAGE = Page(
    name="power",
    title=_("Power"),
    rank=90,
    preview=_preview,
    open=_open,
    verbs=("power reboot", "power poweroff"),
)
