"""Progress of long work: how much, how fast, how long still."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

import urwid

from config_tui.kit import theme
from config_tui.kit.text import _, bytes_in_words, cell_width, duration_in_words

_WINDOW = 15.0


class Estimate:
    """Rate and time left of work counted in some unit, over the last seconds.

    ``clock`` returns seconds; it is a parameter so that the arithmetic can be checked.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing is known before two reports."""
        self._clock = clock
        self._reports: deque[tuple[float, int]] = deque()
        self.done = 0
        self.total = 0

    def report(self, done: int, total: int) -> None:
        """``done`` of ``total`` is reached now; going back to less starts the rate anew."""
        now = self._clock()
        if done < self.done or total != self.total:
            self._reports.clear()
        self.done, self.total = done, total
        self._reports.append((now, done))
        while len(self._reports) > 2 and now - self._reports[0][0] > _WINDOW:
            self._reports.popleft()

    @property
    def rate(self) -> float | None:
        """Units per second; None while unknown."""
        if len(self._reports) < 2:
            return None
        (start, before), (end, after) = self._reports[0], self._reports[-1]
        return (after - before) / (end - start) if end > start else None

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the end at this rate; None while unknown or standing still."""
        rate = self.rate
        return (self.total - self.done) / rate if rate else None


def progress_in_words(estimate: Estimate, *, in_bytes: bool = True) -> str:
    """One line as in ``1.20 GiB of 3.40 GiB, 45.2 MiB/s, 50 s left``."""
    if not in_bytes:
        return _("{done} of {total}").format(done=estimate.done, total=estimate.total)
    parts = [
        _("{done} of {total}").format(
            done=bytes_in_words(estimate.done), total=bytes_in_words(estimate.total)
        )
    ]
    if estimate.rate is not None:
        parts.append(f"{bytes_in_words(estimate.rate)}/s")
    left = estimate.seconds_left
    if left is not None and estimate.done < estimate.total:
        parts.append(_("{time} left").format(time=duration_in_words(left)))
    return ", ".join(parts)


class Bar(urwid.Widget):
    """A bar that fills; its percentage is a number, so it reads without colour as well."""

    _sizing = frozenset([urwid.FLOW])
    _selectable = False

    def __init__(self) -> None:
        """An empty bar."""
        super().__init__()
        self._share = 0.0

    def set_share(self, share: float) -> None:
        """``share`` from 0 to 1."""
        self._share = min(1.0, max(0.0, share))
        self._invalidate()

    def rows(self, size: Any, focus: bool = False) -> int:
        """One line."""
        return 1

    def render(self, size: Any, focus: bool = False) -> urwid.Canvas:
        """The bar and its percentage in the width given."""
        glyphs = theme.current().glyphs
        label = f" {int(self._share * 100):3d} %"
        width = max(1, size[0] - cell_width(label))
        done = round(width * self._share)
        text = urwid.Text(
            [
                ("bar.done", glyphs.bar_done * done),
                ("bar.left", glyphs.bar_left * (width - done)),
                label,
            ],
            wrap="clip",
        )
        return urwid.CompositeCanvas(text.render(size))


class ProgressView(urwid.WidgetWrap[Any]):
    """What is being done, a bar, and a line in words."""

    def __init__(self, title: str = "", *, in_bytes: bool = True) -> None:
        """``in_bytes`` tells whether the numbers are bytes or a plain count."""
        self.estimate = Estimate()
        self.in_bytes = in_bytes
        self._title = urwid.Text(title)
        self._bar = Bar()
        self._words = urwid.Text("")
        super().__init__(urwid.Pile([self._title, self._bar, self._words]))

    def say(self, title: str) -> None:
        """Change the title line."""
        self._title.set_text(title)

    def report(self, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` is reached."""
        self.estimate.report(done, total)
        self._bar.set_share(done / total if total else 0.0)
        self._words.set_text(progress_in_words(self.estimate, in_bytes=self.in_bytes))
