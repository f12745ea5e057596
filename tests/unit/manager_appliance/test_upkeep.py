"""What the appliance asks of the Manager's own commands, they understand."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from manager.appliance import manager_start
from manager.appliance.database import URL
from manager.appliance.seed import Instance
from manager.command_line import make_parser, settings_of
from manager_image.kind import MANAGER

WHICH = ["--state", "/var/lib/flexvdi-manager", "--database", URL]


@pytest.mark.parametrize(
    "said",
    [
        ["first-start"],
        ["backup", "--output", "/var/lib/flexvdi-manager/one"],
        ["restore", "--check", "/var/lib/flexvdi-manager/one"],
        ["restore", "/var/lib/flexvdi-manager/one"],
    ],
    ids=lambda said: " ".join(said[:2]),
)
def test_a_verb_of_upkeep_is_one_of_the_managers(said: list[str]) -> None:
    options = make_parser().parse_args([*said, *WHICH])
    settings = settings_of(options)
    assert settings.state == Path("/var/lib/flexvdi-manager")
    assert settings.database_url == (
        "postgresql+psycopg://flexvdi-manager@/flexvdi?host=/run/flexvdi-database"
    )


def test_the_unit_starts_the_manager_with_words_that_it_knows() -> None:
    unit = (MANAGER.overlay / "usr/lib/systemd/system/flexvdi-manager.service").read_text()
    (line,) = re.findall(r"^ExecStart=/usr/bin/flexvdi-manager (.*)$", unit, re.MULTILINE)
    environment = dict(
        each.split("=", 1)
        for each in manager_start.environment(
            Instance(host_name="manager.example.org", names=("192.0.2.5",))
        ).splitlines()
    )
    said = re.sub(r"\$\{?(\w+)\}?", lambda found: environment[found.group(1)], line)
    settings = settings_of(make_parser().parse_args(shlex.split(said)))
    assert settings.listen.port == 443 and settings.agents.port == 8444
    assert settings.names == ("manager.example.org", "192.0.2.5")
