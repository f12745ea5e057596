"""How far the whole is, how fast it goes, and how long it still takes. Pure arithmetic."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from installer.engine.events import Progress

RATE_WINDOW = 10.0
"""Seconds over which the rate is averaged: long enough to be calm, short enough to be true."""


class Measure:
    """Turns (bytes done, bytes in all, time) into rate, time left and the overall share.

    ``weights`` are the steps' shares of the whole time, in order; ``index`` the running step.
    Times are seconds of any monotonic clock.
    """

    def __init__(self, weights: Sequence[int], index: int, name: str) -> None:
        """Begin to measure the step ``name`` at ``index``."""
        self._name = name
        self._total_weight = sum(weights) or 1
        self._before = sum(weights[:index])
        self._weight = weights[index]
        self._samples: deque[tuple[float, int]] = deque()

    @property
    def overall_before(self) -> float:
        """The share of the whole that is done when this step begins."""
        return self._before / self._total_weight

    @property
    def overall_after(self) -> float:
        """The share of the whole that is done when this step ends."""
        return (self._before + self._weight) / self._total_weight

    def at(self, now: float, done: int, total: int) -> Progress:
        """The progress when ``done`` of ``total`` bytes are done at the time ``now``."""
        done = max(0, min(done, total)) if total > 0 else max(0, done)
        if self._samples and done < self._samples[-1][1]:
            self._samples.clear()  # the step began anew, as a second artefact does
        self._samples.append((now, done))
        while len(self._samples) > 2 and now - self._samples[1][0] >= RATE_WINDOW:
            self._samples.popleft()
        earliest, done_then = self._samples[0]
        passed = now - earliest
        rate = (done - done_then) / passed if passed > 0 else 0.0
        share = done / total if total > 0 else 0.0
        return Progress(
            step=self._name,
            done=done,
            total=max(0, total),
            rate=rate,
            seconds_left=(total - done) / rate if rate > 0 and total > 0 else None,
            overall=(self._before + self._weight * share) / self._total_weight,
        )
