"""Graphs as SVG, drawn on the server from a host's latest samples.

A gap (None) breaks the line: a host that did not report is not shown as idle.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

Samples = Sequence[float | None]
# A line of a graph: its name, and samples that are evenly spaced, the oldest first.
Series = tuple[str, Samples]
_WIDTH = 300.0
_HEIGHT = 100.0
_BUSY = 0.75
_FULL = 0.9


def spark(samples: Samples, top: float | None = None, label: str = "") -> Markup:
    """A line without axes for a table's cell; ``top`` is the value at its upper edge."""
    return _drawing("spark", ((label, samples),), top, label, grid=False)


def graph(series: Sequence[Series], top: float | None = None, label: str = "") -> Markup:
    """One or two lines over a grid of quarters."""
    return _drawing("plot", series, top, label, grid=True)


def meter(share: float | None, label: str) -> Markup:
    """A bar that is filled to ``share`` (of 1) and changes its colour when there is little left."""
    filled = 0.0 if share is None else min(max(share, 0.0), 1.0)
    kind = "bad" if filled >= _FULL else "warn" if filled >= _BUSY else "calm"
    return Markup(
        '<span class="meter {}"><svg viewBox="0 0 100 8" preserveAspectRatio="none" role="img" '
        'aria-label="{}"><rect class="track" width="100" height="8" rx="1.5"/>'
        '<rect class="fill" width="{}" height="8" rx="1.5"/></svg></span>'
    ).format(kind, label, f"{filled * 100:.1f}")


def _drawing(
    css: str, series: Sequence[Series], top: float | None, label: str, *, grid: bool
) -> Markup:
    known = [value for _name, samples in series for value in samples if value is not None]
    high = top or max(known, default=0.0) * 1.15 or 1.0
    lines = Markup("").join(
        Markup('<line class="grid" x1="0" x2="{}" y1="{}" y2="{}"/>').format(_WIDTH, y, y)
        for y in (25.0, 50.0, 75.0)
        if grid
    )
    traces = Markup("").join(
        _trace(stretch, number, len(samples), high)
        for number, (_name, samples) in enumerate(series, 1)
        for stretch in _stretches(samples)
    )
    return Markup(
        '<svg class="{}" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" '
        'aria-label="{}">{}{}</svg>'
    ).format(css, _WIDTH, _HEIGHT, label, lines, traces)


def _stretches(samples: Samples) -> list[list[tuple[int, float]]]:
    """The samples in runs without a gap, each with its place."""
    runs: list[list[tuple[int, float]]] = [[]]
    for place, value in enumerate(samples):
        if value is not None:
            runs[-1].append((place, value))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _trace(run: list[tuple[int, float]], number: int, count: int, high: float) -> Markup:
    step = _WIDTH / max(count - 1, 1)
    points = [
        (place * step, _HEIGHT - min(max(value / high, 0.0), 1.0) * (_HEIGHT - 4) - 2)
        for place, value in run
    ]
    if len(points) == 1:  # a line of no length would not be seen, nor one beyond the edge
        x, y = points[0]
        points = [(max(x - step, 0.0), y), (max(x, step), y)]
    path = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    under = f"M{points[0][0]:.1f} {_HEIGHT} L{path} L{points[-1][0]:.1f} {_HEIGHT} Z"
    return Markup(
        '<path class="area series-{0}" d="{1}"/><path class="trace series-{0}" d="M{2}"/>'
    ).format(number, under, path)
