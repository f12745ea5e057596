"""Whose turn it is: order, places, tiers, and what came before a stop."""

from __future__ import annotations

import queue
import threading

from manager.tasks.task import Tier
from manager.tasks.turns import Turns

PLACES = {Tier.INTERACTIVE: 2, Tier.MAINTENANCE: 1}


def test_the_urgent_go_first_and_each_in_its_order() -> None:
    turns = Turns(PLACES)
    turns.wait("backup", Tier.MAINTENANCE)
    turns.wait("first", Tier.INTERACTIVE)
    turns.wait("second", Tier.INTERACTIVE)
    turns.wait("first", Tier.INTERACTIVE)
    assert [turns.next() for _ in range(3)] == ["first", "second", "backup"]


def test_a_full_tier_waits_and_stands_in_nobodys_way() -> None:
    turns = Turns(PLACES)
    for name in ("one", "two", "three"):
        turns.wait(name, Tier.INTERACTIVE)
    assert [turns.next(), turns.next()] == ["one", "two"]
    turns.wait("backup", Tier.MAINTENANCE)
    assert turns.next() == "backup"
    turns.end("two")
    assert turns.next() == "three"


def test_what_runs_already_keeps_its_place() -> None:
    turns = Turns(PLACES)
    turns.resume("backup", Tier.MAINTENANCE)
    turns.wait("backup", Tier.MAINTENANCE)
    turns.wait("next", Tier.MAINTENANCE)
    turns.wait("person", Tier.INTERACTIVE)
    assert turns.next() == "person"
    turns.end("backup")
    assert turns.next() == "next"


def test_what_was_cancelled_gets_no_turn() -> None:
    turns = Turns(PLACES)
    turns.wait("gone", Tier.INTERACTIVE)
    turns.wait("stays", Tier.INTERACTIVE)
    turns.end("gone")
    assert turns.next() == "stays"


def test_who_waits_for_a_turn_is_woken_by_it_and_by_the_end() -> None:
    turns = Turns(PLACES)
    seen: queue.Queue[str | None] = queue.Queue()

    def follow() -> None:
        while True:
            seen.put(task := turns.next())
            if task is None:
                return

    threading.Thread(target=follow, daemon=True).start()
    turns.wait("one", Tier.INTERACTIVE)
    turns.resume("two", Tier.MAINTENANCE)
    turns.wait("three", Tier.MAINTENANCE)
    turns.end("two")
    assert [seen.get(timeout=60), seen.get(timeout=60)] == ["one", "three"]
    turns.close()
    assert seen.get(timeout=60) is None


def test_after_the_end_nobody_gets_a_turn() -> None:
    turns = Turns(PLACES)
    turns.wait("late", Tier.INTERACTIVE)
    turns.close()
    assert turns.next() is None
