"""Guests in figures."""

from __future__ import annotations

from collections.abc import Iterator

from manager.figures import Figure
from manager.guests.finding import count_guests
from manager.services import Services


def by_state(services: Services) -> Iterator[Figure]:
    """How many there are in each state."""
    for state, number in count_guests(services).items():
        yield Figure("guests", "Guests on all hosts.", number, {"state": state})


FIGURES = (by_state,)
