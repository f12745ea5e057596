"""The design's colours are readable: WCAG 2.2, 1.4.3 (text) and 1.4.11 (what one must see)."""

from __future__ import annotations

import re

import pytest

from manager.web.drawing.static_files import FOLDER

_TEXT, _SHAPE = 4.5, 3.0
_TOKEN = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
COLOURS = {
    name: (light, dark) for name, light, dark in _TOKEN.findall((FOLDER / "tokens.css").read_text())
}

PAIRS = [
    *((ink, ground, _TEXT) for ink in ("ink", "ink-soft", "accent")
      for ground in ("ground", "surface", "sunken")),
    ("on-accent", "accent", _TEXT),
    ("on-accent", "accent-strong", _TEXT),
    ("on-bad", "bad", _TEXT),
    ("accent-strong", "accent-soft", _TEXT),
    *((kind, f"{kind}-soft", _TEXT) for kind in ("good", "warn", "bad", "idle")),
    *(("ink", f"{kind}-soft", _TEXT) for kind in ("good", "warn", "bad", "accent")),
    ("bad", "surface", _TEXT),
    ("line-strong", "surface", _SHAPE),
    *(("focus", ground, _SHAPE) for ground in ("ground", "surface", "sunken")),
    *((f"series-{number}", "surface", _SHAPE) for number in (1, 2, 3, 4)),
]  # fmt: skip


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_contrast(front: str, back: str, least: float, theme: int) -> None:
    assert contrast(COLOURS[front][theme], COLOURS[back][theme]) >= least


def test_colours_stand_in_one_place() -> None:
    for sheet in FOLDER.glob("*.css"):
        if sheet.name == "tokens.css":
            continue
        used = set(re.findall(r"#[0-9a-fA-F]{3,8}\b", sheet.read_text()))
        assert used <= {"#ffffff"}, f"{sheet.name} has colours of its own: {used}"


def test_every_variable_that_is_used_exists() -> None:
    known = set(re.findall(r"^\s*--([\w-]+):", (FOLDER / "tokens.css").read_text(), re.M))
    for sheet in FOLDER.glob("*.css"):
        assert set(re.findall(r"var\(--([\w-]+)\)", sheet.read_text())) <= known
