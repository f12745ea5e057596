"""Storyboards: what a person presses and what the screen then shows, written down as YAML.

A storyboard is a list of steps. ``press`` are keys, ``type`` a text, ``push`` the label of a
button that is walked to with Tab, ``see`` a text that must come, ``miss`` one that must not be
there once the step before is seen. The same storyboard runs in process and on a terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import yaml

FOLDER = Path(__file__).parent / "storyboards"


@dataclass(frozen=True)
class Storyboard:
    """What is played, on which simulated machine."""

    name: str
    machine: str
    steps: tuple[Mapping[str, Any], ...]


class Player(Protocol):
    """Who plays storyboards."""

    def press_key(self, key: str) -> None:
        """Press one key, by urwid's name for it."""

    def must_see(self, words: str) -> None:
        """Wait until the screen shows ``words``, frames apart."""

    def must_miss(self, words: str) -> None:
        """The screen does not show ``words``."""

    def push(self, label: str) -> None:
        """Walk to a button and press it."""


def storyboards() -> list[Storyboard]:
    """All of them."""
    return [read(path) for path in sorted(FOLDER.glob("*.yaml"))]


def read(path: Path) -> Storyboard:
    """The storyboard in a file."""
    data = yaml.safe_load(path.read_text())
    return Storyboard(path.stem, data.get("machine", "hospital"), tuple(data["steps"]))


def play(story: Storyboard, player: Player) -> None:
    """Do every step; raises AssertionError where the screen shows something else."""
    for number, step in enumerate(story.steps, 1):
        try:
            for verb, value in step.items():
                _do(player, verb, value)
        except AssertionError as error:
            raise AssertionError(f"{story.name}, step {number} {dict(step)}: {error}") from error


def _do(player: Player, verb: str, value: Any) -> None:
    values = value if isinstance(value, list) else [value]
    if verb == "press":
        for key in values:
            player.press_key(str(key))
    elif verb == "type":
        for letter in str(value):
            player.press_key(letter)
    elif verb == "push":
        player.push(str(value))
    elif verb == "see":
        for words in values:
            player.must_see(str(words))
    elif verb == "miss":
        for words in values:
            player.must_miss(str(words))
    else:
        raise ValueError(f"a storyboard has no “{verb}”")
