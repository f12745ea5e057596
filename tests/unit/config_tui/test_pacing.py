"""A console that nobody touches, or whose host is slow, leaves the host its processors."""

from __future__ import annotations

from config_tui.application import Application
from config_tui.pacing import pause_between_looks
from host.audit import Actor
from host.backends.simulated.backend import SimulatedHost
from host.status import HostStatus
from tests.unit.config_tui.screens import NODE


class _Watched(SimulatedHost):
    """Counts the looks; each takes ``lasts`` seconds of the test's clock."""

    looks, lasts, now = 0, 0.1, 1000.0

    def status(self) -> HostStatus:
        self.looks += 1
        self.now += self.lasts
        return super().status()


def looks_in(host: _Watched, application: Application, seconds: int) -> int:
    before = host.looks
    for _second in range(seconds):
        host.now += 1.0
        application.look_if_due()
        application.tasks.settle()
    return host.looks - before


def test_looks_are_seldom_where_nobody_is_and_often_again_after_a_key() -> None:
    host = _Watched(NODE)
    application = Application(host, Actor("console", "tty1"), clock=lambda: host.now)
    assert 20 <= looks_in(host, application, 120) <= 25
    assert 3 <= looks_in(host, application, 120) <= 5
    application.note_key()
    assert looks_in(host, application, 5) == 1


def test_a_slow_host_is_looked_at_less_often_and_never_forgotten() -> None:
    assert pause_between_looks(0.2, 0.0) == 5.0
    assert pause_between_looks(2.0, 0.0) == 18.0
    assert pause_between_looks(40.0, 0.0) == 30.0
    assert pause_between_looks(0.2, 500.0) == 30.0
