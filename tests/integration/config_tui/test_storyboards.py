"""The storyboards on real pseudo-terminals, under each kind of terminal."""

from __future__ import annotations

import pytest

from tests.integration.config_tui.terminal import Terminal
from tests.unit.config_tui.storyboard import Storyboard, play, storyboards

TERMS = ("linux", "vt100", "vt220", "xterm-256color", "screen", "tmux", "dumb")


def cases() -> list[tuple[Storyboard, str]]:
    """Every story on two terminals, and every terminal with two stories."""
    stories = storyboards()
    found = []
    for number, story in enumerate(stories):
        for step in (0, 3):
            found.append((story, TERMS[(2 * number + step) % len(TERMS)]))
    found += [(stories[0], term) for term in TERMS if (stories[0], term) not in found]
    return found


@pytest.mark.parametrize(
    ("story", "term"), cases(), ids=[f"{story.name}-{term}" for story, term in cases()]
)
def test_the_story_is_true_on_a_terminal(story: Storyboard, term: str) -> None:
    terminal = Terminal(term, machine=story.machine)
    try:
        terminal.wait_for("F2 Log in")
        play(story, terminal)
        assert b"Traceback" not in terminal.received
    finally:
        terminal.close()
