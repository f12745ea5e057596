"""A job under way: its steps, how far it is, and a way to stop it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import urwid

from config_tui.keys import REDRAW
from config_tui.kit import theme
from config_tui.kit.dialog import Button
from config_tui.kit.panel import Panel
from config_tui.kit.progress import ProgressView
from config_tui.kit.said import said
from config_tui.kit.text import _

if TYPE_CHECKING:
    from host.jobs import JobEvent


class ProgressPane(urwid.WidgetWrap[Any]):
    """Fed with the job's events in the screen's thread.

    Esc does nothing here: a job is left by cancelling it or by its end.
    """

    def __init__(
        self, on_cancel: Callable[[], None], *, heading: str = "", stopping: str = ""
    ) -> None:
        """``on_cancel`` is called once; the job then ends, which ``stopping`` says in words."""
        self._view = ProgressView(_("Starting ..."), in_bytes=False)
        self._on_cancel = on_cancel
        self._stopping = stopping or _("Stopping; what was changed is put back ...")
        self._lines: urwid.SimpleFocusListWalker[Any] = urwid.SimpleFocusListWalker([])
        self._cancel = Button(_("Cancel"), self._cancelled)
        self._titles: list[str] = []
        super().__init__(
            Panel(
                [
                    ("heading", heading or _("Applying")),
                    urwid.Divider(),
                    self._view,
                    urwid.Divider(),
                ],
                urwid.ListBox(self._lines),
                [self._cancel],
            )
        )

    def on_event(self, event: JobEvent) -> None:
        """Show what the job says of itself."""
        if event.state != "running":
            return
        if event.total_bytes:
            self._view.in_bytes = True
            self._view.report(event.done_bytes, event.total_bytes)
        else:
            self._view.in_bytes = False
            self._view.report(event.number - 1, event.total)
        title = said(event.title)
        note = f"\n{event.note}" if event.note else ""
        self._view.say(f"{event.number}/{event.total}  {title}{note}")
        if not self._titles or self._titles[-1] != title:
            self._titles.append(title)
            self._show()

    def _show(self) -> None:
        mark = theme.current().mark("ok")
        current = theme.current().glyphs.chosen
        done = [urwid.Text([("ok", f" {mark} "), title]) for title in self._titles[:-1]]
        self._lines[:] = [*done, urwid.Text(f"  {current} {self._titles[-1]}")]
        self._lines.set_focus(len(self._lines) - 1)

    def _cancelled(self) -> None:
        self._cancel.enable(False)
        self._view.say(self._stopping)
        self._on_cancel()

    def keypress(self, size: Any, key: str) -> str | None:
        """No key leads out, not even those that work everywhere else."""
        left: str | None = super().keypress(size, key)
        return left if left in REDRAW else None
