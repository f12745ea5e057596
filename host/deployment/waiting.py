"""Waiting until a Manager answers, and saying all the while what it is doing.

The appliance tells how far it is on its serial console, where it also tells the fingerprint of its
authority: nobody on the network can put words there. Once that is known, its API is asked.

How long a start takes depends on the machine, so no limit is set to it: a start that gets on is
waited for. One that says nothing new for a long time has come to nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Event

from foundation.appliance_seed import ApplianceProgress, read_progress
from foundation.failure import Cancelled, Failure
from host.deployment.descriptor import ManagerDescriptor
from host.machine import Machine
from host.machine.manager.link import ManagerHealth

_SILENCE = 1200.0  # seconds in which a start that gets on says something new
_SILENCE_EMULATED = 3600.0
_PAUSE = 0.5
# A machine that is slow, or has few processors, is the guest's rather than ours.
_PAUSES_PER_LOOK, _LONGEST_PAUSE = 4, 10.0
_LAST_LINES = 12
_NUMBERS = re.compile(r"[0-9]+")
# ECMA-48: control sequences, other escape sequences, single control characters.
_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Answering:
    """A Manager that answers."""

    fingerprint: str
    version: str


def wait_for_manager(
    machine: Machine,
    descriptor: ManagerDescriptor,
    *,
    needs_setup: bool,
    report: Callable[[str], None],
    cancel: Event,
    emulated: bool,
    told_before: int = 0,
    clock: Callable[[], float] = time.monotonic,
) -> Answering:
    """Return once it answers; raises Failure when it says that it failed, ends, or falls silent.

    ``needs_setup`` tells that its set-up is left to a person, so it need not be done. With
    ``told_before`` as much of what the appliance has told counts no more: it starts once again,
    and with restored data it may have another authority.
    """
    limit = _SILENCE_EMULATED if emulated else _SILENCE
    said, last_news = _Said(), clock()
    while True:
        began = clock()
        console = machine.manager.domains.console_text(descriptor.name)
        progress = progress_in(console)[told_before:]
        _refuse_failed(machine, descriptor, progress, console)
        fingerprint = fingerprint_in(progress) or ("" if told_before else descriptor.fingerprint)
        health = None
        if fingerprint:
            health = machine.manager.link.health(descriptor.ip, descriptor.port, fingerprint)
        if health is not None and health.works and (health.setup_done or needs_setup):
            return Answering(fingerprint, health.version or descriptor.version)
        report(_waited_for(progress, health, console))
        reasons = health.reasons if health is not None else ()
        if said.is_news((*console.splitlines(), *reasons)):
            last_news = clock()
        if clock() > last_news + limit:
            raise Failure(
                "The Manager does not answer, and has said nothing new for "
                f"{limit / 60:.0f} minutes.",
                "See its console (`flexvdi-config manager console`), then retry or roll back.",
                details=_end_of(console),
            )
        pause = min(_PAUSES_PER_LOOK * (clock() - began), _LONGEST_PAUSE)
        if cancel.wait(max(pause, _PAUSE)):
            raise Cancelled("waiting for the Manager")


class _Said:
    """What was said so far. Numbers do not count: going round in circles is no news."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def is_news(self, lines: Iterable[str]) -> bool:
        """Whether one of them was never said before."""
        new = {_NUMBERS.sub("", line) for line in lines} - self._known
        self._known |= new
        return bool(new)


def progress_in(console: str) -> tuple[ApplianceProgress, ...]:
    """What the appliance has told, in order."""
    found = (read_progress(line) for line in console.splitlines())
    return tuple(one for one in found if one is not None)


def fingerprint_in(progress: tuple[ApplianceProgress, ...]) -> str:
    """The fingerprint that was told last; empty when none was."""
    return next((one.fingerprint for one in reversed(progress) if one.fingerprint), "")


def _refuse_failed(
    machine: Machine,
    descriptor: ManagerDescriptor,
    progress: tuple[ApplianceProgress, ...],
    console: str,
) -> None:
    if progress and progress[-1].state == "failed":
        last = progress[-1]
        raise Failure(
            f"The Manager could not start ({last.step}): {last.words}",
            last.remedy or "See its console: `flexvdi-config manager console`.",
            details=_end_of(console),
        )
    domain = machine.manager.domains.find(descriptor.name)
    if domain is None or not domain.is_active:
        reason = f": {domain.reason}" if domain is not None and domain.reason else ""
        raise Failure(
            f"The Manager's guest ended before it answered{reason}.",
            "The end of its console says more; retry starts it again.",
            details=_end_of(console),
        )


def _waited_for(
    progress: tuple[ApplianceProgress, ...], health: ManagerHealth | None, console: str
) -> str:
    """The best there is to say: the API's reasons, its own words, the last line of its console."""
    if health is not None and health.reasons:
        return "; ".join(health.reasons)
    if progress:
        last = progress[-1]
        return last.words or last.step
    lines = _readable(console)
    return lines[-1][-70:] if lines else ""


def _end_of(console: str) -> str:
    return "\n".join(_readable(console)[-_LAST_LINES:])


def _readable(console: str) -> list[str]:
    """Its lines without what only a terminal understands, which would clear the reader's own."""
    lines = (_CONTROL.sub("", line).strip() for line in console.splitlines())
    return [line for line in lines if line]
