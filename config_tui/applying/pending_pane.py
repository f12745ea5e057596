"""The countdown: a change that goes back by itself unless a person keeps it from where they are."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import urwid

from config_tui.keys import REDRAW
from config_tui.kit.dialog import Button
from config_tui.kit.panel import Panel, as_widget
from config_tui.kit.progress import Bar
from config_tui.kit.text import _

if TYPE_CHECKING:
    from host.api.network import PendingChange, Probe


class PendingPane(Panel):
    """Keep or revert, with what is left of the time and what the network is like meanwhile.

    Nothing leads out of it but a decision or the end of the time. The harmless button has the
    focus: a key pressed by habit must not keep what cannot be reached.
    """

    def __init__(
        self,
        pending: PendingChange,
        *,
        on_keep: Callable[[], None],
        on_revert: Callable[[], None],
        lines_of: Callable[[tuple[Probe, ...]], list[Any]],
    ) -> None:
        """``lines_of`` makes the lines of probes."""
        self.pending = pending
        self._lines_of = lines_of
        self._probes: tuple[Probe, ...] | None = None
        self._left = urwid.Text("")
        self._bar = Bar()
        self._deciding = ""
        super().__init__(
            head=[("heading", _("Can this host still be reached?")), "", self._left, self._bar, ""],
            body=[""],
            buttons=[Button(_("Keep"), on_keep), Button(_("Revert now"), on_revert)],
        )
        self.focus_buttons(1)
        self.show(pending)

    def show(self, pending: PendingChange) -> None:
        """Follow the countdown."""
        self.pending = pending
        seconds = math.ceil(pending.seconds_left)
        words = _("Without an answer everything goes back in {seconds} s.").format(seconds=seconds)
        if seconds <= 0:
            words = _("The time is over; the old configuration is being put back ...")
        self._left.set_text(("warning", f"! {self._deciding or words}"))
        self._bar.set_share(pending.seconds_left / pending.timeout if pending.timeout else 0.0)
        self._show_body()

    def decide(self, words: str) -> None:
        """Say that an answer was given and is carried out; empty when that failed."""
        self._deciding = words
        self.show(self.pending)

    def show_probes(self, probes: tuple[Probe, ...]) -> None:
        """Show what was found trying the network."""
        self._probes = probes
        self._show_body()

    def _show_body(self) -> None:
        lines: list[Any] = []
        if self._probes is None:
            lines.append(("dim", _("Trying the network ...")))
        else:
            lines += self._lines_of(self._probes)
        by = _("Changed by {who}:").format(who=self.pending.who)
        lines += ["", ("dim", by), *(f"- {change}" for change in self.pending.changes)]
        if not self.pending.guarded:
            lines.append(("dim", _("NetworkManager was restarted; the guard puts things back.")))
        self.body.body[:] = [as_widget(line) for line in lines]

    def keypress(self, size: Any, key: str) -> str | None:
        """No key leads out, not even those that work everywhere else."""
        left = super().keypress(size, key)
        return left if left in REDRAW else None
