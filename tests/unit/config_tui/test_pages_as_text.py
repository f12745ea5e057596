"""Every page as text: filled, empty, failing, waiting, in ASCII without colour, in wide script.

Set FLEXVDI_UPDATE_GOLDENS=1 to write the pictures anew, and look at the difference before keeping
it. What differs from one run to the next (times, fingerprints of what is made anew) is masked.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config_tui.kit import language
from config_tui.kit.text import cell_width
from config_tui.page import all_pages, find_pages
from foundation.failure import Failure
from host.backends.simulated.simulation import Simulation
from tests.unit.config_tui.screens import Driver, use_look

GOLDENS = Path(__file__).parent / "goldens" / "pages"
UPDATE = "FLEXVDI_UPDATE_GOLDENS"
ENTERED = [page.name for page in all_pages(find_pages()) if page.open is not None]
# (what a picture shows, the simulated machine, the look, the language)
VARIANTS = {
    "filled": ("hospital", "unicode", "C"),
    "empty": ("fresh", "unicode", "C"),
    "ascii": ("hospital", "plain", "C"),
    "wide": ("wide", "unicode", "C"),
    "spanish": ("hospital", "unicode", "es"),
}
# Pages that go without what one daemon would add, and show the rest.
STILL_USEFUL = {"time"}
# What changes by itself, with what is shown instead; columns stay where they are.
CHANGING = (
    (r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}", "YYYY-MM-DD hh:mm"),
    # The end of a certificate that is made anew is counted from today.
    (r"\d{4}-\d{2}-\d{2}(?![ T]\d)", "YYYY-MM-DD"),
    # A line of a certificate's digest; what has the length of a MAC address is none.
    (r"(?<= )(?![0-9A-F:]{17}\n)[0-9A-F:]{15,42}(?=\n)", "a part of the digest"),
)


@pytest.fixture(autouse=True)
def _look() -> Iterator[None]:
    language.use_language("C")
    use_look("unicode")
    yield
    language.use_language("C")
    use_look("unicode")


def masked(text: str) -> str:
    """The picture without what changes by itself, every line as wide as it was."""

    def mask(words: str) -> Callable[[re.Match[str]], str]:
        return lambda found: words[: len(found[0])].ljust(len(found[0]))

    for pattern, words in CHANGING:
        text = re.sub(pattern, mask(words), text)
    return "\n".join(line.rstrip() for line in text.split("\n"))


def compare(screen: Driver, name: str) -> None:
    """The screen is as its picture shows it, and no line is too wide."""
    for line in screen.lines():
        assert cell_width(line) == screen.size[0]
    text = masked(screen.text())
    path = GOLDENS / f"{name}.txt"
    if os.environ.get(UPDATE):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("page", ENTERED)
def test_a_page_looks_as_it_did(page: str, variant: str) -> None:
    machine, look, locale = VARIANTS[variant]
    use_look(look)
    language.use_language(locale)
    screen = Driver(machine=machine).look().as_root().go(page)
    compare(screen, f"{page}-{variant}")
    if look == "plain":
        assert screen.text().isascii()


@pytest.mark.parametrize("page", ENTERED)
def test_a_page_whose_host_fails_says_why(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cause on the screen, nothing broken, and the page is back when the host is."""
    screen = Driver(machine="hospital").look().as_root()
    asked = failing(screen.host.simulation, monkeypatch)
    screen.go(page)
    text = screen.words()
    assert "stopped working" not in text and "Traceback" not in text
    if asked:
        assert "does not answer" in text or page in STILL_USEFUL, screen.text()
        compare(screen, f"{page}-error")


def failing(simulation: Simulation, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have every call of the simulated host fail; returns the list of those that were made."""
    asked: list[str] = []

    def meet(*names: str) -> None:
        asked.extend(names)
        raise Failure("The daemon behind this does not answer.", "Start it, then try again.")

    monkeypatch.setattr(simulation, "meet", meet)
    return asked


@pytest.mark.parametrize("page", ENTERED)
def test_a_page_can_be_left_while_its_host_does_not_answer(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys are answered all the time, and the page says that it waits."""
    screen = Driver(machine="hospital").look().as_root()
    answer = threading.Event()
    monkeypatch.setattr(screen.host.simulation, "meet", lambda *names: answer.wait())
    try:
        screen.application.go(page)
        compare(screen, f"{page}-busy")
        screen.press("esc")
        assert not screen.application.hub.in_pane, screen.text()
    finally:
        answer.set()
    screen.settle()
