"""Asking what may hang: answers, errors, silence, and an answer that comes late."""

from __future__ import annotations

import threading

import pytest

from host.backends.real import health
from host.backends.real.asking import Asked


def test_an_answer_is_given_and_asked_for_anew() -> None:
    numbers = iter(range(10))
    asked = Asked(lambda: next(numbers))
    assert [asked.within(60), asked.within(60)] == [0, 1]


def test_an_error_is_the_askers() -> None:
    def fail() -> None:
        raise TimeoutError("of the question itself")

    asked = Asked(fail)
    with pytest.raises(TimeoutError, match="of the question itself"):
        asked.within(60)


def test_silence_holds_one_thread_and_what_comes_after_it_is_an_answer() -> None:
    asked_for, may_answer = [], threading.Event()

    def slow() -> str:
        asked_for.append(1)
        may_answer.wait()
        return "late"

    asked = Asked(slow)
    assert asked.within(0.01) is None
    assert asked.within(0.01) is None
    assert asked_for == [1]
    may_answer.set()
    assert asked.within(60) == "late"


def test_an_answer_that_came_when_nobody_waited_is_not_given_later() -> None:
    answered, may_answer = threading.Event(), threading.Event()
    answers = iter(("old", "new"))

    def ask() -> str:
        may_answer.wait()
        return next(answers)

    asked = Asked(ask)
    assert asked.within(0.01) is None
    assert asked._open is not None
    asked._open.add_done_callback(lambda _answer: answered.set())
    may_answer.set()
    answered.wait(60)
    assert asked.within(60) == "new"


def test_a_libvirt_that_hangs_does_not_hold_the_status(monkeypatch: pytest.MonkeyPatch) -> None:
    for_ever = threading.Event()
    monkeypatch.setattr(health, "_libvirt", Asked(lambda: for_ever.wait() and None))
    check, guests = health.libvirt(within=0.01)
    for_ever.set()
    assert (check.state, guests) == ("unknown", None)
    assert "has not answered" in check.reason and "systemctl" in check.remedy
