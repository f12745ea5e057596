"""What all parts of a simulated machine share: its facts, and the faults that its calls meet.

A fault belongs to a call by name: of HostApi (``status``), of a port (``files.put``,
``network.load_and_activate``), of a path that is written, or ``*`` for any call of a port.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from foundation.failure import Failure

_REMEDY = "This fault is part of the simulation."


class Killed(BaseException):
    """Stands for the process being killed: nothing of ours runs after it."""


@dataclass(frozen=True)
class Fault:
    """What a call meets. It holds from call number ``at`` on, for ``times`` calls (None: always).

    ``kind`` ``fails`` raises Failure with ``cause``; ``killed`` ends the process in the test's
    sense, before the call has done anything.
    """

    cause: str
    at: int = 1
    times: int | None = None
    kind: Literal["fails", "killed"] = "fails"


class Simulation:
    """The machine's JSON in ``facts``, and its faults, which may be changed while it runs.

    ``held`` makes calls wait until their event is set: a service that hangs. ``changes_made`` are
    the calls of ports that were made, in order; those that only look are not among them.
    """

    def __init__(self, facts: Mapping[str, Any]) -> None:
        """The faults in ``facts`` are causes, or tables of Fault's fields."""
        self.facts: dict[str, Any] = dict(facts)
        self.faults: dict[str, str | Fault] = {
            name: Fault(**fault) if isinstance(fault, dict) else fault
            for name, fault in self.facts.get("faults", {}).items()
        }
        self.held: dict[str, threading.Event] = {}
        self.changes_made: list[str] = []
        self._met: dict[str, int] = {}

    def meet(self, *names: str) -> None:
        """Wait, or fail, where the simulation says so for a call that goes by ``names``."""
        for name in names:
            if name in self.held:
                self.held[name].wait()
        for name in names:
            fault = self.faults.get(name)
            if fault is not None:
                self._suffer(name, Fault(fault) if isinstance(fault, str) else fault)

    def changes(self, call: str, *names: str) -> None:
        """As :meth:`meet`, for a call of a port that changes the machine."""
        self.meet(call, "*", *names)
        self.changes_made.append(call)

    def restart_counting(self) -> None:
        """Let the next call be number one for every fault."""
        self._met.clear()

    def _suffer(self, name: str, fault: Fault) -> None:
        number = self._met[name] = self._met.get(name, 0) + 1
        last = fault.at + fault.times if fault.times is not None else number + 1
        if not fault.at <= number < last:
            return
        if fault.kind == "killed":
            raise Killed(fault.cause)
        raise Failure(fault.cause, _REMEDY)
