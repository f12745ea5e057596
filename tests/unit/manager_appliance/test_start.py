"""Settings of the machine and of the Manager, its readiness, and what consoles show."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from foundation.appliance_seed import ApplianceProgress, read_progress
from foundation.failure import Failure
from manager.appliance import console, database, identity, manager_start
from manager.appliance.data_record import DataRecord, write_record
from manager.appliance.network_config import Interface
from manager.appliance.places import Places
from manager.appliance.seed import Instance
from manager.appliance.telling import Teller


@pytest.fixture
def places(tmp_path: Path) -> Places:
    places = Places(tmp_path)
    for folder in (places.kept, places.run, places.manager_state):
        folder.mkdir(parents=True)
    (tmp_path / "usr/share/zoneinfo/Europe").mkdir(parents=True)
    for zone in ("UTC", "Europe/Madrid"):
        (tmp_path / "usr/share/zoneinfo" / zone).touch()
    return places


INSTANCE = Instance(
    instance_id="one",
    host_name="manager.example.org",
    names=("vdi.example.org",),
    time_servers=("ntp.example.org",),
    timezone="Europe/Madrid",
    ssh_keys=("ssh-ed25519 AAAA admin",),
    interfaces=(Interface("uplink", addresses=("192.0.2.5/24",)),),
)


def test_settings_lie_where_the_daemons_of_the_base_look(places: Places) -> None:
    files = identity.settings_of(INSTANCE, {"chrony-sources": "etc/chrony.d"})
    text, _ = files[Path("etc/chrony.d/flexvdi.sources")]
    assert text == "server ntp.example.org iburst\n"
    assert files[Path("etc/hostname")][0] == "manager.example.org\n"
    assert "manager.example.org manager" in files[Path("etc/hosts")][0]
    keys, mode = files[Path("root/.ssh/authorized_keys")]
    assert keys == "ssh-ed25519 AAAA admin\n" and mode == 0o600
    assert Path("root/.ssh/authorized_keys") not in identity.settings_of(Instance(), {})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"host_name": "-x"}, "no host name"),
        ({"host_name": "a b"}, "no host name"),
        ({"timezone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"ssh_keys": ("command",)}, "no public key"),
        ({"time_servers": ("a;b",)}, "neither name nor address"),
    ],
)
def test_settings_that_no_daemon_would_understand_are_refused(
    places: Places, change: dict[str, object], said: str
) -> None:
    identity.check_instance(INSTANCE, places)
    with pytest.raises(Failure, match=said):
        identity.check_instance(INSTANCE.model_copy(update=change), places)


def test_the_manager_is_told_every_name_it_is_reached_by() -> None:
    lines = dict(line.split("=", 1) for line in manager_start.environment(INSTANCE).splitlines())
    assert lines["FLEXVDI_NAMES"] == (
        "--name manager.example.org --name vdi.example.org --name 192.0.2.5"
    )
    assert lines["FLEXVDI_DATABASE"] == (
        "postgresql://flexvdi-manager@/flexvdi?host=/run/flexvdi-database"
    )


@pytest.mark.parametrize(
    ("memory", "buffers"), [(1024, "64MB"), (2048, "128MB"), (256, "32MB"), (16384, "256MB")]
)
def test_the_database_takes_little_memory(memory: int, buffers: str) -> None:
    said = database.configuration(memory)
    assert f"shared_buffers = {buffers}\n" in said and "listen_addresses = ''" in said


def test_before_an_upgrade_the_databases_user_can_write_its_copy(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unit runs this with a mask that lets nobody in."""
    (places.manager_state / "secrets.json").write_text("{}")
    write_record(places.record, DataRecord(version="0.1.0", build_id="1"))
    places.backups.mkdir(mode=0o700)
    newer: Any = SimpleNamespace(version="0.2.0")
    folders: list[Path] = []

    def dump(_programs: Path, target: Path) -> None:
        folders.extend([target.parent, places.backups])
        assert all(folder.stat().st_mode & 0o011 == 0o011 for folder in folders)
        target.write_text("dumped")

    monkeypatch.setattr(database, "dump", dump)
    before = os.umask(0o077)
    try:
        kept = manager_start.keep_before_upgrade(places, newer, Path("/usr/bin"))
    finally:
        os.umask(before)
    assert kept is not None and kept.name == "before-0.2.0-from-0.1.0"
    assert sorted(path.name for path in kept.iterdir()) == ["database.dump", "state.tar.zst"]
    assert all(folder.stat().st_mode & 0o077 == 0 for folder in (kept, places.backups))
    again = manager_start.keep_before_upgrade(places, newer, Path("/usr/bin"))
    assert again == kept


def certificate() -> x509.Certificate:
    """Any certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    return made.sign(key, SHA256())


def test_the_manager_is_ready_when_it_says_so(places: Places) -> None:
    made = certificate()
    told = iter(
        [
            OSError("refused"),
            "not json",
            json.dumps({"status": "starting", "reasons": ["migrating"]}),
            json.dumps({"status": "ok"}),
            made.public_bytes(Encoding.PEM).decode(),
        ]
    )

    def ask(_path: str) -> str:
        answer = next(told)
        if isinstance(answer, OSError):
            raise answer
        return answer

    found = manager_start.wait_until_ready(ask, lambda _: None)
    assert found == made.fingerprint(SHA256()).hex()


def test_a_manager_that_stays_broken_is_told_with_its_reasons() -> None:
    degraded = json.dumps({"status": "degraded", "reasons": ["the database does not answer"]})
    with pytest.raises(Failure, match="the database does not answer"):
        manager_start.wait_until_ready(lambda _: degraded, lambda _: None, patience=0)


def test_a_manager_that_works_and_has_something_to_say_is_ready() -> None:
    worried = {"status": "degraded", "working": True, "reasons": ["host node2 was not told"]}
    pem = certificate().public_bytes(Encoding.PEM).decode()

    def ask(path: str) -> str:
        return json.dumps(worried) if path == "/health" else pem

    assert manager_start.wait_until_ready(ask, lambda _: None, patience=0)


def test_the_last_words_of_the_manager_are_cause_and_remedy() -> None:
    journal = "noise\nflexvdi-manager: The database is newer. Start the newer version.\nnoise\n"
    assert manager_start.why_it_ended(journal) == (
        "The database is newer.",
        "Start the newer version.",
    )
    around = journal + "flexvdi-manager-appliance: The copy failed. Make room.\n"
    assert manager_start.why_it_ended(around) == ("The copy failed.", "Make room.")
    assert manager_start.why_it_ended("")[1]
    assert "no sign of life" in manager_start.why_it_ended(journal, "watchdog")[0]


def test_addresses_are_read_with_the_gaps_that_ip_leaves() -> None:
    link = {"addr_info": [{}, {"local": "192.0.2.5"}, {"local": "2001:db8::5"}]}
    found = manager_start.read_addresses(json.dumps([{}, {"addr_info": [{}]}, link]))
    assert found == ("https://192.0.2.5", "https://[2001:db8::5]")


def test_each_step_is_told_on_the_console_and_to_the_screens(places: Places) -> None:
    line = places.root / "console"
    teller = Teller(places, "1.0", line)
    with pytest.raises(Failure), teller.step("seed", "Reading the seed"):
        raise Failure("It is wrong.", "Correct it.")
    (said,) = [read_progress(text) for text in line.read_text().splitlines() if text]
    assert said == ApplianceProgress(
        step="seed", state="failed", words="It is wrong.", remedy="Correct it."
    )
    shown = "\n".join(console.page(json.loads(places.state.read_text())))
    assert "It does not work: It is wrong." in shown and "Correct it." in shown


def test_a_console_that_cannot_be_written_stops_nothing(places: Places) -> None:
    teller = Teller(places, "1.0", places.root / "missing/console")
    with teller.step("seed", "Reading the seed"):
        pass
    assert json.loads(places.state.read_text())["state"] == "done"


def test_a_ready_manager_shows_addresses_and_fingerprint(places: Places) -> None:
    teller = Teller(places, "1.0", places.root / "console")
    digits = "0123456789abcdef" * 4
    teller.tell(
        ApplianceProgress(step="manager", state="ready", words="It answers.", fingerprint=digits),
        ("https://192.0.2.5",),
    )
    shown = list(console.page(json.loads(places.state.read_text())))
    assert "Address      https://192.0.2.5" in shown
    assert "".join("".join(line.split()[-4:]) for line in shown if "01234567" in line) == digits
    assert all(len(line) <= 79 for line in shown)
