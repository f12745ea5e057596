"""Storyboards on the in-process canvas; tests/integration plays the same on terminals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config_tui.kit import language
from tests.unit.config_tui.screens import Driver, plain_words, use_look
from tests.unit.config_tui.storyboard import Storyboard, play, storyboards


class InProcess:
    """Plays on a Driver."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def press_key(self, key: str) -> None:
        self._driver.press(key).settle()

    def must_see(self, words: str) -> None:
        if not self._shows(words):
            self._driver.tick()
        assert self._shows(words), f"{words!r} did not come:\n{self._driver.text()}"

    def must_miss(self, words: str) -> None:
        assert not self._shows(words), f"{words!r} is there:\n{self._driver.text()}"

    def push(self, label: str) -> None:
        self._driver.push(label)

    def _shows(self, words: str) -> bool:
        return plain_words(words) in self._driver.words()


@pytest.fixture(autouse=True)
def _look() -> Iterator[None]:
    language.use_language("C")
    use_look("unicode")
    yield
    use_look("unicode")


@pytest.mark.parametrize("look", ["unicode", "plain"])
@pytest.mark.parametrize("story", storyboards(), ids=lambda story: story.name)
def test_the_screen_follows_the_story(story: Storyboard, look: str) -> None:
    use_look(look)
    play(story, InProcess(Driver(machine=story.machine).look()))


def test_a_story_that_is_not_true_fails() -> None:
    story = Storyboard("wrong", "node", ({"see": "There is no such text"},))
    with pytest.raises(AssertionError, match="step 1"):
        play(story, InProcess(Driver().look()))
