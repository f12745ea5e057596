"""The secrets of a seed, in the hands of the Manager: used once, whatever is cut off."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from foundation.appliance_seed import SeedAdministrator
from foundation.secret import Secret
from manager.access.administrators import is_set_up
from manager.access.passwords import hash_password
from manager.access.setting_up import ensure_setup_secret
from manager.appliance.seed import FirstStart
from manager.commands.first_start import take_over
from manager.hosts.tables import JoinTokenRow
from manager.services import Services, open_services
from manager.settings import Settings
from manager.tasks.inline import InlineEngine

TOKEN = Secret("PLANTEDTOKENPLANTEDTOKEN")


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return open_services(Settings(state=tmp_path / "state"), InlineEngine())


def tokens(services: Services) -> int:
    with services.database.reading() as session:
        return len(session.scalars(select(JoinTokenRow)).all())


def test_an_administrator_and_a_join_token_are_made_once(services: Services) -> None:
    hashed = hash_password(Secret("a good password of a test"))
    secrets = FirstStart(
        administrator=SeedAdministrator(name="admin", password_hash=Secret(hashed)),
        join_token=TOKEN,
    )
    take_over(services, secrets)
    take_over(services, secrets)
    assert is_set_up(services) and tokens(services) == 1
    assert ensure_setup_secret(services) is None


def test_with_a_setup_secret_somebody_else_makes_the_administrator(services: Services) -> None:
    take_over(services, FirstStart(setup_secret=Secret("planted-setup"), join_token=TOKEN))
    assert not is_set_up(services)
    assert ensure_setup_secret(services) == Secret("planted-setup")
