"""Random keys on every page: no traceback, no way in without a way out, no line too wide.

Each page gets KEYS keys from a fixed seed, and MANY under the marker ``full``. FLEXVDI_MONKEY_KEYS
is another number for the first, FLEXVDI_MONKEY_SEED=word another seed for both: a failure names its
page, and comes again with the same seed.
"""

from __future__ import annotations

import os
import random

import pytest

from config_tui.kit.text import cell_width
from config_tui.page import all_pages, find_pages
from tests.unit.config_tui.screens import Driver

KEYS = int(os.environ.get("FLEXVDI_MONKEY_KEYS", "1000"))
MANY = 10_000
SEED = os.environ.get("FLEXVDI_MONKEY_SEED", "")
ENTERED = [page.name for page in all_pages(find_pages()) if page.open is not None]
MOVES = ["up", "down", "left", "right", "tab", "shift tab", "enter", " ", "page up", "page down"]
EDITS = ["backspace", "delete", "home", "end", "a", "7", ".", "/", ":", "世", "ñ", "-"]
REST = ["f1", "f3", "f5", "f8", "f9", "meta x", "ctrl w", "ctrl l", "ctrl g", "esc", "insert"]
DICE = [*MOVES * 4, *EDITS * 2, *REST]
ROUND = 30  # more stops than any page has
SIZES = ((80, 24), (132, 43), (60, 20), (45, 13))


@pytest.mark.parametrize("page", ENTERED)
def test_no_keys_break_a_page(page: str) -> None:
    press_many(page, KEYS)


@pytest.mark.full
@pytest.mark.parametrize("page", ENTERED)
def test_ten_thousand_keys_break_no_page(page: str) -> None:
    press_many(page, MANY)


def press_many(page: str, keys: int) -> None:
    """Press random keys on a page; check on the way, and that Esc leads out at the end."""
    dice = random.Random(f"{SEED}{page}")
    screen = Driver(dice.choice(SIZES), machine="hospital").look().as_root().go(page)
    for count in range(keys):
        screen.press(dice.choice(DICE))
        if count % 20 == 0:
            screen.settle()
            check(screen)
        if screen.application.stack.top is None and not screen.application.hub.in_pane:
            screen.go(page)
    screen.settle()
    check(screen)
    lead_out(screen)


def check(screen: Driver) -> None:
    """What must hold whatever was pressed."""
    text = screen.text()
    assert "stopped working" not in text
    assert "unexpected error" not in text
    for line in screen.lines():
        assert cell_width(line) == screen.size[0]


def lead_out(screen: Driver) -> None:
    """Esc leads out of everything but a countdown, which ends by itself."""
    for _press in range(12):
        watch = screen.application.pending_watch
        if watch.pending is not None:
            screen.host.revert(screen.application.actor)
            screen.tick()
        screen.settle().press("esc")
    assert screen.application.stack.top is None, screen.text()
    assert not screen.application.hub.in_pane, screen.text()
    assert screen.application.navigation.area is None, screen.text()


@pytest.mark.parametrize("page", ENTERED)
def test_tab_comes_round(page: str) -> None:
    """Tab visits every stop of a page and then the first again; none of them keeps it.

    The first round does not count: fields that are left empty say so from then on.
    """
    screen = Driver((80, 24), machine="hospital").look().as_root().go(page)
    pictures = []
    for _step in range(2 * ROUND):
        canvas = screen.canvas()
        pictures.append((tuple(canvas.text), canvas.cursor, str(list(canvas.content()))))
        screen.press("tab")
    if not screen.application.hub.in_pane or len(set(pictures)) == 1:
        return  # nothing to walk through
    again = pictures[ROUND:]
    assert len(set(again)) > 1, f"Tab is caught on {page}:\n{screen.text()}"
    assert again[0] in again[1:], f"Tab never comes back on {page}:\n{screen.text()}"
