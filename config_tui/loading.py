"""A pane that waits for the host without holding up the screen, then shows what came."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import urwid

from config_tui.kit.dialog import Button, failure_markup
from config_tui.kit.panel import Panel
from config_tui.kit.tasks import Tasks
from config_tui.kit.text import _
from foundation.failure import Failure

Answer = TypeVar("Answer")


class Loading(urwid.WidgetPlaceholder[Any]):
    """Calls ``work`` in the background and shows what ``build`` makes of its answer.

    A failure is shown with its cause and remedy and can be tried again.
    """

    def __init__(
        self,
        tasks: Tasks,
        work: Callable[[], Answer],
        build: Callable[[Answer], Any],
        *,
        words: str = "",
    ) -> None:
        """``words`` are shown meanwhile."""
        super().__init__(urwid.SolidFill(" "))
        self._tasks = tasks
        self._work = work
        self._build = build
        self._words = words or _("Looking at the host ...")
        self.load()

    def load(self) -> None:
        """Ask (again)."""
        self.original_widget = urwid.Filler(urwid.Text(self._words), "top")
        self._tasks.start(self._work, self._loaded, self._failed)

    def _loaded(self, answer: Any) -> None:
        try:
            self.original_widget = self._build(answer)
        except Exception as error:  # raised again where the page's boundary catches it
            self.original_widget = _Broken(error)

    def _failed(self, failure: Failure) -> None:
        self.original_widget = Panel(
            body=[failure_markup(failure)], buttons=[Button(_("Try again"), self.load)]
        )


class _Broken(urwid.Widget):
    """Raises what broke when it is drawn, so that the page's boundary catches it there."""

    _sizing = frozenset([urwid.BOX])
    _selectable = False

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def render(self, size: Any, focus: bool = False) -> urwid.Canvas:
        raise self._error
