"""The pages' most common shape: words, a table of things, and what can be done with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from config_tui.kit.dialog import Button
from config_tui.kit.panel import Panel
from config_tui.kit.table import Column, Row, Table
from config_tui.kit.text import _
from config_tui.page import Action

if TYPE_CHECKING:
    from config_tui.application import Application


class ActionButton(Button):
    """The button of a page's action."""

    def __init__(self, application: Application, action: Action, key: Callable[[], str]) -> None:
        """``key`` gives the key of the row in focus."""
        self.action = action
        super().__init__(_(action.label), lambda: action.run(application, key()))


def action_buttons(
    application: Application, actions: Sequence[Action], key: Callable[[], str] = lambda: ""
) -> list[Button]:
    """The buttons of ``actions``."""
    return [ActionButton(application, action, key) for action in actions]


def listing(
    application: Application,
    columns: Sequence[Column],
    rows: Sequence[Row],
    actions: Sequence[Action],
    *,
    head: Sequence[Any] = (),
    empty: str = "",
    opens: Action | None = None,
) -> Panel:
    """A table with the actions below; Enter on a row does ``opens``.

    The row that had the focus when the page was left has it again. ``empty`` is said where there
    are no rows.
    """
    if not rows:
        return Panel(
            head=head,
            body=[("dim", empty or _("There are none."))],
            buttons=action_buttons(application, actions),
        )

    def open_row(key: str) -> None:
        if opens is not None:
            opens.run(application, key)

    table = Table(columns, rows, on_open=open_row if opens is not None else None)
    place = application.remembered_row(rows)
    if place:
        table.go_to(place)

    def key() -> str:
        application.remember_row(table.focus_key or "")
        return table.focus_key or ""

    return Panel(head=head, body=table, buttons=action_buttons(application, actions, key))
