from __future__ import annotations

import threading

import pytest

from manager.directory.refusals import Reason, Refused, Unavailable
from manager.directory.servers import FIRST_HOLD, LONGEST_HOLD, Servers
from manager.directory.settings import ServerAddress
from manager.directory.slots import Slots

ONE, TWO = ServerAddress(host="one", port=636), ServerAddress(host="two", port=636)


class Network:
    """Servers that are up or down, and a clock."""

    def __init__(self, *down: ServerAddress) -> None:
        self.down = set(down)
        self.asked: list[str] = []
        self.now = 0.0
        self.servers = Servers((ONE, TWO), lambda: self.now)

    def ask(self, address: ServerAddress) -> str:
        self.asked.append(address.host)
        if address in self.down:
            raise Unavailable("Down.", "Start it.", where=str(address))
        return address.host

    def call(self) -> str:
        self.asked.clear()
        return self.servers.first_that_answers(self.ask)


def test_the_first_server_is_asked_first() -> None:
    assert Network().call() == "one"


def test_the_next_one_stands_in_and_the_first_is_left_alone_for_a_while() -> None:
    network = Network(ONE)
    assert network.call() == "two"
    assert network.asked == ["one", "two"]
    network.call()
    assert network.asked == ["two"]
    network.now += FIRST_HOLD
    network.down.clear()
    assert network.call() == "one"
    assert network.servers.states() == {"one:636": "", "two:636": ""}


def test_the_hold_grows_to_its_limit() -> None:
    network = Network(ONE)
    holds = []
    for _ in range(8):
        network.call()
        started = network.now
        while network.asked != ["one", "two"] or network.now == started:
            network.now += 1
            network.call()
        holds.append(network.now - started)
    assert holds[:3] == [FIRST_HOLD, 2 * FIRST_HOLD, 4 * FIRST_HOLD]
    assert max(holds) == LONGEST_HOLD


def test_while_one_call_tries_a_server_again_others_do_not() -> None:
    network = Network(ONE)
    network.call()
    network.now += FIRST_HOLD
    asked_meanwhile: list[str] = []

    def slow(address: ServerAddress) -> str:
        if address == ONE:
            asked_meanwhile.append(network.servers.first_that_answers(lambda other: other.host))
        return address.host

    assert network.servers.first_that_answers(slow) == "one"
    assert asked_meanwhile == ["two"]


def test_when_all_are_down_each_is_named() -> None:
    network = Network(ONE, TWO)
    with pytest.raises(Unavailable) as failure:
        network.call()
    assert "one:636: Down." in failure.value.details and "two:636" in failure.value.details
    with pytest.raises(Unavailable):
        network.call()
    assert network.asked == []


def test_a_refusal_is_an_answer() -> None:
    network = Network()

    def refuse(address: ServerAddress) -> str:
        network.asked.append(address.host)
        raise Refused(Reason.WRONG_PASSWORD)

    for _ in range(5):
        with pytest.raises(Refused):
            network.servers.first_that_answers(refuse)
    assert network.asked == ["one"] * 5


def test_what_every_server_would_say_is_asked_once() -> None:
    network = Network()

    def misconfigured(address: ServerAddress) -> str:
        network.asked.append(address.host)
        raise Unavailable("Wrong base.", "Correct it.", retry=False)

    with pytest.raises(Unavailable, match="Wrong base"):
        network.servers.first_that_answers(misconfigured)
    assert network.asked == ["one"]


def test_too_many_who_wait_are_sent_away() -> None:
    slots = Slots(at_once=1, waiting=0, patience=30)
    entered, leave = threading.Event(), threading.Event()

    def occupy() -> None:
        with slots.one():
            entered.set()
            leave.wait(30)

    thread = threading.Thread(target=occupy)
    thread.start()
    assert entered.wait(30)
    with pytest.raises(Unavailable, match="too slowly"), slots.one():
        pass
    leave.set()
    thread.join(30)
    with slots.one():
        pass
