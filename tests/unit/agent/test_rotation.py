"""Which place is dialled next."""

from __future__ import annotations

import pytest

from agent.connection import RefusedByManager
from agent.protocol.to_agent import Refused
from agent.rotation import Rotation
from foundation.failure import Failure
from host.document.membership import ManagerPlace, Membership

PLACES = tuple(ManagerPlace(address=f"10.0.0.{number}") for number in (1, 2, 3))
MANAGER = Membership(address="10.0.0.1", fingerprint="ab" * 32, others=PLACES[1:])


def down(place: str) -> Failure:
    return Failure(f"The Manager at {place} cannot be reached: refused.", "Look.")


def test_all_places_have_their_turn_and_then_the_failure_is_told() -> None:
    rotation = Rotation()
    dialled, told = [], []
    for _attempt in range(6):
        place = rotation.next(MANAGER).address
        dialled.append(place)
        told.append(rotation.failed(down(place)))
    assert dialled == ["10.0.0.1", "10.0.0.2", "10.0.0.3"] * 2
    assert [failure is not None for failure in told] == [False, False, True] * 2
    assert told[2] is not None
    assert told[2].cause == (
        "The Manager at 10.0.0.1 cannot be reached: refused. "
        "Nor is it reached at 10.0.0.2:8444, 10.0.0.3:8444."
    )
    assert told[2].remedy == "Look."


def test_one_place_alone_fails_in_its_own_words() -> None:
    rotation, alone = Rotation(), MANAGER.at(PLACES[0])
    failure = down(rotation.next(alone).address)
    assert rotation.failed(failure) is failure


def test_the_place_that_answered_is_dialled_again_first() -> None:
    rotation = Rotation()
    rotation.next(MANAGER)
    assert rotation.failed(down("10.0.0.1")) is None
    assert rotation.next(MANAGER).address == "10.0.0.2"
    rotation.answered()
    lost = Failure("The connection was lost.")
    assert rotation.failed(lost) is lost
    assert rotation.next(MANAGER).address == "10.0.0.2"
    assert rotation.failed(down("10.0.0.2")) is None
    assert rotation.next(MANAGER).address == "10.0.0.3"


def test_what_is_dialled_keeps_all_places() -> None:
    rotation = Rotation()
    rotation.next(MANAGER)
    rotation.failed(down("10.0.0.1"))
    now = rotation.next(MANAGER)
    assert now.address == "10.0.0.2" and set(now.places) == set(PLACES)


def test_news_of_where_it_is_begins_with_the_first() -> None:
    rotation = Rotation()
    rotation.next(MANAGER)
    rotation.failed(down("10.0.0.1"))
    moved = MANAGER.at(ManagerPlace(address="10.0.0.9"), *PLACES)
    assert rotation.next(moved).address == "10.0.0.9"


@pytest.mark.parametrize("refusing", [0, 1, 2])
def test_a_refusal_says_more_than_places_that_are_silent(refusing: int) -> None:
    rotation = Rotation()
    refused = RefusedByManager(Refused(code="revoked", cause="It was revoked."))
    told = None
    for number in range(3):
        place = rotation.next(MANAGER).address
        told = rotation.failed(refused if number == refusing else down(place))
    assert told is refused
