"""Guests in pages, and cut down."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from agent.protocol.inventory import GuestFacts
from manager.access.role import Role
from manager.guests.feeding import replace_guests
from manager.services import Services
from tests.unit.manager_web.conftest import Visitor

COUNT = 250


def fill(services: Services) -> None:
    guests = tuple(
        GuestFacts(
            uuid=f"{number:032x}",
            name=f"desk-{number:04}",
            state="off" if number % 10 == 0 else "running",
        )
        for number in range(COUNT)
    )
    with services.database.writing() as session:
        replace_guests(session, "a-host", guests, services.clock())


def names(text: str) -> list[str]:
    return re.findall(r"desk-\d{4}", text)


def test_every_guest_is_on_one_page_in_its_order(
    services: Services, signed_in: Callable[[Role], Visitor]
) -> None:
    fill(services)
    visitor, found, path = signed_in(Role.READ_ONLY), [], "/guests"
    while path:
        text = visitor.get(path).text
        found += names(text)
        following = re.search(r'rel="next" href="([^"]+)"', text)
        path = unescape(following[1]) if following else ""
    assert found == [f"desk-{number:04}" for number in range(COUNT)]


def test_guests_are_cut_down_by_state_and_name_together(
    services: Services, signed_in: Callable[[Role], Visitor]
) -> None:
    fill(services)
    visitor = signed_in(Role.READ_ONLY)
    assert names(visitor.get("/guests?state=off&name=desk-01").text) == [
        f"desk-{number:04}" for number in range(100, 200, 10)
    ]
    assert "No guest matches." in visitor.get("/guests?name=%25").text, "% is no wildcard"


def test_a_name_is_shown_as_text(services: Services, signed_in: Callable[[Role], Visitor]) -> None:
    evil = GuestFacts(uuid="x", name="<script>alert(1)</script>", state="running")
    with services.database.writing() as session:
        replace_guests(session, "a-host", (evil,), services.clock())
    text = signed_in(Role.READ_ONLY).get("/guests").text
    assert "<script>alert" not in text and "&lt;script&gt;alert" in text
