"""Where hosts reach the Manager, and telling them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from pydantic import ValidationError

from agent.protocol.to_agent import ManagerPlaces
from agent.protocol.to_manager import Inventory
from foundation.joining import EnrolmentAnswer
from manager.certificates.live import LiveCertificates
from manager.hosts import coming_address
from manager.hosts.coming_address import expect, expected, settle
from manager.hosts.places import PlacesTold, is_told, own_places
from manager.hosts.preferences import HostPreferences
from manager.hosts.worries import untold
from manager.preferences.storing import change_preference, preference
from manager.services import Services
from manager.settings import Endpoint
from tests.unit.manager_hosts.conftest import ANA, machine
from tests.unit.manager_hosts.test_listener import FACTS, On, Platform, on_platform, until

__all__ = ["on_platform"]
Join = Callable[..., EnrolmentAnswer]


def names(places: ManagerPlaces) -> list[str]:
    return [place.address for place in places.places]


@pytest.mark.parametrize("name", ["10.0.0.5", "2001:db8::5", "manager.example.org"])
def test_what_other_machines_can_reach_is_told(name: str) -> None:
    assert is_told(name)


@pytest.mark.parametrize(
    "name",
    ["localhost", "manager", "127.0.0.1", "::1", "0.0.0.0", "fe80::1", "x.localdomain"],
)
def test_what_only_this_machine_can_is_not(name: str) -> None:
    assert not is_told(name)


def test_names_of_the_command_line_come_before_the_machines_addresses(services: Services) -> None:
    settings = replace(
        services.settings, names=("m.example.org", "m"), agents=Endpoint("10.0.0.5", 8444)
    )
    places = own_places(replace(services, settings=settings))
    assert names(places) == ["m.example.org", "10.0.0.5"]
    assert places.places[0].agents_port == 8444
    assert places.places[0].port == settings.listen.port


def test_what_the_settings_say_is_all_that_is_told(services: Services) -> None:
    wanted = HostPreferences(addresses=("m.example.org", "2001:db8::5"))
    change_preference(services, wanted, ANA)
    assert names(own_places(services)) == ["m.example.org", "2001:db8::5"]


@pytest.mark.parametrize("name", ["", "two words", "10.0.0.5:443", "10.0.0.500", "https://m"])
def test_what_is_no_address_is_refused_in_the_settings(name: str) -> None:
    with pytest.raises(ValidationError):
        HostPreferences(addresses=(name,))


def test_hosts_that_were_not_told_are_named(
    on_platform: On, join: Join, services: Services
) -> None:
    node = machine("node1.lab")
    answer = join(node)
    join(machine("node2.lab"))
    assert list(untold(services)) == [], "nothing is announced"
    change_preference(services, HostPreferences(addresses=("m.example.org",)), ANA)
    assert "node1.lab, node2.lab." in next(untold(services))

    async def act(platform: Platform) -> None:
        async with platform.connected(node, answer) as talk:
            knows = FACTS.model_copy(update={"manager_places": ("10.0.0.5", "m.example.org")})
            await talk.say(Inventory(sequence=1, host=knows))
            await until(lambda: "node1.lab" not in next(untold(services)))

    on_platform(act)
    assert "node2.lab" in next(untold(services))


def test_connected_hosts_hear_of_it_and_so_does_the_certificate(
    on_platform: On, join: Join, services: Services
) -> None:
    node = machine("node1.lab")
    answer = join(node)

    async def act(platform: Platform) -> None:
        told = services.part(PlacesTold)
        async with platform.connected(node, answer) as talk:
            assert names(await talk.hear(ManagerPlaces)) == []
            wanted = HostPreferences(addresses=("m.example.org",))
            change_preference(services, wanted, ANA)
            told.tell_changes()
            assert names(await talk.hear(ManagerPlaces)) == ["m.example.org"]
            told.tell_changes()
            assert talk.heard == []
        async with platform.connected(node, answer) as talk:
            assert names(await talk.hear(ManagerPlaces)) == ["m.example.org"]

    on_platform(act)
    assert "m.example.org" in services.part(LiveCertificates).own.names


def test_where_the_manager_will_be_is_told_behind_where_it_is(services: Services) -> None:
    eight = tuple(f"10.0.1.{number}" for number in range(8))
    change_preference(services, HostPreferences(addresses=eight), ANA)
    expect(services.settings, "10.0.0.9", "10.0.1.0")
    assert names(own_places(services)) == [*eight[:7], "10.0.0.9"]
    expect(services.settings, "10.0.1.3", "10.0.1.0")
    assert names(own_places(services)) == [*eight[:7]]


def test_what_it_does_not_come_to_is_forgotten(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(services)
    expect(services.settings, "10.0.0.9", "10.0.0.5")
    monkeypatch.setattr(coming_address, "_STAYS", -1.0)
    assert expected(services.settings) is None
    settle(services)
    assert not list(services.settings.state.glob("coming*"))
    with pytest.raises(ValidationError):
        expect(services.settings, "10.0.0.9/24", "10.0.0.5")


def test_having_come_it_takes_the_old_ones_place_until_all_know_it(
    on_platform: On, join: Join, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = machine("node1.lab")
    answer = join(node)
    change_preference(services, HostPreferences(addresses=("m.example.org", "10.0.0.5")), ANA)
    expect(services.settings, "10.0.0.9", "10.0.0.5")
    assert "10.0.0.9" in next(untold(services))
    settle(services)
    assert preference(services, HostPreferences).addresses == ("m.example.org", "10.0.0.5")
    monkeypatch.setattr(coming_address, "addresses_of_this_machine", lambda: ("10.0.0.9",))
    settle(services)
    assert preference(services, HostPreferences).addresses == ("m.example.org", "10.0.0.9")
    monkeypatch.setattr(coming_address, "_STAYS", -1.0)
    assert expected(services.settings) is not None, "one that has come stays as long as it takes"

    async def act(platform: Platform) -> None:
        async with platform.connected(node, answer) as talk:
            knows = FACTS.model_copy(update={"manager_places": ("m.example.org", "10.0.0.9")})
            await talk.say(Inventory(sequence=1, host=knows))
            await until(lambda: list(untold(services)) == [])

    on_platform(act)
    settle(services)
    assert expected(services.settings) is None
