"""Changes: what is decided but not applied, as a difference to read, to take back or to apply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import urwid

from config_tui.kit.dialog import confirm
from config_tui.kit.panel import Panel
from config_tui.kit.text import N_, _
from config_tui.listing import action_buttons
from config_tui.page import Action, Page

if TYPE_CHECKING:
    from config_tui.application import Application


def _title(application: Application) -> str:
    count = len(application.staging)
    return f"{_('Changes')} ({count})" if count else _("Changes")


def _preview(application: Application) -> urwid.Widget:
    if not len(application.staging):
        words = _("What you change on the other pages is collected here and applied in one go.")
        return urwid.Filler(urwid.Text([("heading", _("Changes")), "\n\n", words]), valign="top")
    return Panel(body=_lines(application))


def _lines(application: Application) -> list[Any]:
    lines: list[Any] = [("heading", _("Changes not applied yet")), ""]
    for difference in application.staging.differences:
        lines.append(difference.path)
        if difference.before is not None:
            lines.append(("removed", f"  - {_value(difference.before)}"))
        if difference.after is not None:
            hint = f"  ({_('changed')})" if difference.secret else ""
            lines.append(("added", f"  + {_value(difference.after)}{hint}"))
        else:
            lines.append(("dim", f"  + {_('the default')}"))
    return lines


def _value(value: Any) -> str:
    from host.document.differences import value_text

    return value_text(value)


def _open(application: Application) -> urwid.Widget:
    if not len(application.staging):
        words = _("There is nothing to apply. What you change on the other pages comes here first.")
        return Panel(body=[("heading", _("Changes")), "", words])
    return Panel(body=_lines(application), buttons=action_buttons(application, _ACTIONS))


def _apply(application: Application, _key: str) -> None:
    from config_tui.applying.walk import Walk

    Walk(application).start()


def _undo(application: Application, _key: str) -> None:
    application.staging.undo()
    application.say(_("The last change is taken back."))
    application.rebuild()


def _discard(application: Application, _key: str) -> None:
    def discard() -> None:
        application.staging.discard()
        application.say(_("All changes are taken back; the host was not touched."))
        application.rebuild()

    confirm(
        application.stack,
        _("Take everything back?"),
        _("Changes that are not applied are lost: {count}.").format(count=len(application.staging)),
        _("Take back"),
        discard,
    )


_ACTIONS = (
    Action(N_("Apply ..."), "apply", _apply),
    Action(N_("Undo the last"), "plan", _undo),
    Action(N_("Take all back"), "plan", _discard),
)

PAGE = Page(
    name="changes",
    title=N_("Changes"),
    rank=65,
    preview=_preview,
    open=_open,
    verbs=("plan",),
    actions=_ACTIONS,
    show_title=_title,
    wide=True,
)
