"""The documented exit statuses are those that there are."""

from __future__ import annotations

import re
from pathlib import Path

from manager.client.exits import MEANINGS, STATUS_OF

PAGE = Path(__file__).resolve().parents[3] / "docs/administrators/managerctl.md"


def test_the_page_for_administrators_tells_each_status() -> None:
    told = {
        int(number): text
        for number, text in re.findall(r"^\| (\d+) \| (.+) \|$", PAGE.read_text(), re.M)
    }
    assert told == MEANINGS


def test_every_kind_of_trouble_has_a_status_of_its_own() -> None:
    assert len(set(STATUS_OF.values())) == len(STATUS_OF)
    assert set(STATUS_OF.values()) <= set(MEANINGS)
