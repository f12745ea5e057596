"""Words for values, and graphs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from manager.web.drawing.formats import moment, percent, rate, size, span
from manager.web.drawing.graphs import graph, meter, spark


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (3 * 1024**3, "3 GiB"), (None, "–")],
)
def test_sizes_have_few_digits(count: int | None, words: str) -> None:
    assert size(count) == words


def test_what_is_not_known_is_not_nought() -> None:
    assert rate(None) == percent(None) == "–"
    assert percent(0.0) == "0 %"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "a moment"), (1, "1 second"), (59, "59 seconds"), (7200, "2 hours"), (90000, "1 day")],
)
def test_spans_are_told_in_their_largest_unit(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_a_time_is_told_with_its_machine_readable_form() -> None:
    text = moment(datetime.now(UTC) - timedelta(minutes=5, seconds=2))
    assert "5 minutes ago" in text
    assert re.search(r'datetime="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00"', text)
    assert "in 2 hours" in moment(datetime.now(UTC) + timedelta(hours=2, seconds=5))


def test_a_gap_breaks_the_line() -> None:
    drawn = spark([0.1, 0.2, None, 0.4, 0.5], 1.0, "CPU")
    assert drawn.count('class="trace') == 2
    assert spark([0.1, 0.2, 0.3], 1.0).count('class="trace') == 1
    assert 'class="trace' not in spark([None, None])


@pytest.mark.parametrize("samples", [[0.5, None, None], [None, None, 0.5], [None, 0.5, None]])
def test_a_single_sample_is_seen(samples: list[float | None]) -> None:
    trace = re.search(r'class="trace[^"]*" d="M([\d.]+) [\d.]+ L([\d.]+) ', spark(samples, 1.0))
    assert trace is not None
    assert 0 <= float(trace[1]) < float(trace[2]) <= 300


def test_values_above_the_edge_stay_inside() -> None:
    numbers = [float(n) for n in re.findall(r"[ML]\d+\.\d (-?\d+\.\d)", spark([0.0, 5.0], 1.0))]
    assert numbers and all(0 <= number <= 100 for number in numbers)


def test_labels_cannot_break_out() -> None:
    assert "<script>" not in graph([("x", [1.0])], label='"><script>')
    assert "<script>" not in meter(0.5, '"><script>')


@pytest.mark.parametrize(("share", "kind"), [(0.2, "calm"), (0.8, "warn"), (1.7, "bad")])
def test_meters_warn_before_they_are_full(share: float, kind: str) -> None:
    drawn = meter(share, "Memory")
    assert f'class="meter {kind}"' in drawn
    width = re.search(r'class="fill" width="([\d.]+)"', drawn)
    assert width is not None and float(width[1]) <= 100
