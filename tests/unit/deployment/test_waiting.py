"""Waiting for a Manager: as long as it gets on, and no longer; time is the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from foundation.appliance_seed import ApplianceProgress, progress_line
from foundation.failure import Failure
from host.backends.simulated.backend import SimulatedHost
from host.backends.simulated.manager.domains import FINGERPRINT
from host.deployment.descriptor import in_folder
from host.deployment.waiting import Answering, wait_for_manager
from tests.unit.deployment.lab import PLACE, WHO, domains_of, host_of, request

READY = progress_line(ApplianceProgress(step="ready", state="ready", fingerprint=FINGERPRINT))
STEPS = ("kernel", "disks", "network", "database", "tables", "certificate", "listening")


class Pauses(Event):
    """Each pause takes ``seconds`` of a clock that only it moves, and brings the next words."""

    def __init__(self, host: SimulatedHost, words: Iterator[str], seconds: float) -> None:
        super().__init__()
        self.now = 0.0
        self._known, self._words, self._seconds = domains_of(host).known, words, seconds

    def wait(self, timeout: float | None = None) -> bool:
        self.now += self._seconds
        known = self._known["flexvdi-manager"]
        console = f"{known.console}{next(self._words)}\n"
        self._known["flexvdi-manager"] = replace(known, console=console)
        return False


def wait(
    tmp_path: Path, words: Iterator[str], *, emulated: bool = False
) -> tuple[Answering, float]:
    """What came of a wait with some minutes between two looks, and when."""
    host = host_of(tmp_path)
    host.manager.deploy(host.manager.plan(request()), WHO)
    kept = in_folder(host.machine, PLACE)
    assert kept is not None
    domains = domains_of(host)
    definition = domains.known["flexvdi-manager"].domain.xml
    domains.undefine("flexvdi-manager")
    domains.define(definition)
    host.simulation.facts["appliance"] = {"lines": []}
    domains.start("flexvdi-manager")
    pauses = Pauses(host, words, 590.0)
    descriptor = kept.descriptor.changed(fingerprint="")
    found = wait_for_manager(
        host.machine,
        descriptor,
        needs_setup=False,
        report=lambda _words: None,
        cancel=pauses,
        emulated=emulated,
        clock=lambda: pauses.now,
    )
    return found, pauses.now


def test_a_start_that_gets_on_is_waited_for_however_long_it_takes(tmp_path: Path) -> None:
    found, seconds = wait(tmp_path, iter((*STEPS, READY)))
    assert found.fingerprint == FINGERPRINT
    assert seconds > 3600


def test_one_that_goes_round_in_circles_is_not(tmp_path: Path) -> None:
    rounds = (f"[{number:8}.0] started again, the {number}th time" for number in range(10**6))
    with pytest.raises(Failure, match="nothing new for 20 minutes") as failed:
        wait(tmp_path, rounds)
    assert "manager console" in failed.value.remedy
    assert "started again" in failed.value.details


def test_one_that_is_silent_has_an_hour_where_guests_are_emulated(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="nothing new for 60 minutes"):
        wait(tmp_path, iter(("",) * 1000), emulated=True)
