"""All that is wrong with a kickstart, collected, so that a person sees it in one go."""

from __future__ import annotations

from dataclasses import dataclass, field

from foundation.failure import Failure


class Unreadable(Exception):
    """Reading cannot go on; the complaints say why."""


@dataclass
class Complaints:
    """The failures found so far, in the order of finding, each once."""

    failures: list[Failure] = field(default_factory=list)

    def add(self, where: str, cause: str, remedy: str = "") -> None:
        """Note that ``cause`` is wrong at ``where`` (``file:line``)."""
        failure = Failure(cause, remedy, where=where)
        if failure.as_dict() not in (known.as_dict() for known in self.failures):
            self.failures.append(failure)

    def stop(self, where: str, cause: str, remedy: str = "") -> Unreadable:
        """Note a fault after which reading makes no sense; the caller raises what this returns."""
        self.add(where, cause, remedy)
        return Unreadable(cause)
