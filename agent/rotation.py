"""Which of the Manager's places is dialled next, and what to tell when none of them answers."""

from __future__ import annotations

from foundation.failure import Failure
from host.document.membership import Membership


class Rotation:
    """One place after the other, beginning with the last that answered, else with the first."""

    def __init__(self) -> None:
        """Nothing was dialled yet."""
        self._manager: Membership | None = None
        self._at = 0
        self._answered = False
        self._failures: list[Failure] = []

    def next(self, manager: Membership) -> Membership:
        """``manager`` with the place in front that is to be dialled now."""
        if manager != self._manager:
            self._manager, self._at, self._failures = manager, 0, []
        places = manager.places
        return manager.at(places[self._at], *places)

    def answered(self) -> None:
        """The place did; should the connection be lost, it is dialled first."""
        self._answered, self._failures = True, []

    def failed(self, failure: Failure) -> Failure | None:
        """Go on to the next place. Returns what to tell once all have had their turn.

        A connection that was lost is told at once, and its place is dialled again.
        """
        if self._answered or self._manager is None:
            self._answered = False
            return failure
        places = self._manager.places
        self._failures.append(failure)
        self._at = (self._at + 1) % len(places)
        if len(self._failures) < len(places):
            return None
        failures, self._failures = self._failures, []
        return _all_of(failures, places[self._at :] + places[: self._at])


def _all_of(failures: list[Failure], places: tuple[object, ...]) -> Failure:
    """A refusal, which says more than silence; else the first in full, and the others named."""
    refusal = next((failure for failure in failures if type(failure) is not Failure), None)
    first, *others = failures
    if refusal is not None or not others:
        return refusal or first
    names = ", ".join(str(place) for place in places[1:])
    return Failure(f"{first.cause} Nor is it reached at {names}.", first.remedy)
