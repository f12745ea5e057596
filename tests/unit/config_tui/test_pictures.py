"""Pictures of the ways in, at three sizes and in both looks; test_pages_as_text has the pages.

Set FLEXVDI_UPDATE_GOLDENS=1 to write the pictures anew, and look at them before they are committed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config_tui.kit.text import cell_width
from tests.unit.config_tui.screens import Driver, use_look

GOLDENS = Path(__file__).parent / "goldens"
UPDATE = "FLEXVDI_UPDATE_GOLDENS"
SIZES = ((80, 24), (132, 43), (60, 20))
LOOKS = ["unicode", "plain"]

STATES: dict[str, Callable[[Driver], object]] = {
    "first": lambda screen: None,
    "status": lambda screen: screen.look(),
    "menu-power": lambda screen: screen.look().stand_on("power"),
    "log-in": lambda screen: screen.look().press("f2"),
    "log-in-refused": lambda screen: (
        screen.look().press("f2").type("wrong").press("enter").settle()
    ),
    "power": lambda screen: screen.look().log_in().go("power").push("Reboot"),
    "help": lambda screen: screen.look().press("f1"),
    "about": lambda screen: screen.look().go("about"),
}


@pytest.fixture(autouse=True)
def _look() -> Iterator[None]:
    yield
    use_look("unicode")


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("state", STATES)
def test_the_ways_in_look_as_they_did(state: str, size: tuple[int, int], look: str) -> None:
    use_look(look)
    screen = Driver(size)
    STATES[state](screen)
    compare(screen, state, look)


def compare(screen: Driver, name: str, look: str) -> None:
    """The picture against the one that was looked at."""
    width, height = screen.size
    for line in screen.lines():
        assert cell_width(line) == width
    golden = GOLDENS / f"{name}-{width}x{height}-{look}.txt"
    if os.environ.get(UPDATE):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(screen.text())
    assert screen.text() == golden.read_text()
    if look == "plain":
        assert screen.text().isascii()
