"""A seed: what is understood, what is refused by name, and that it counts once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from foundation.appliance_seed import ApplianceSeed, SeedAdministrator, user_data_text
from foundation.failure import Failure
from foundation.secret import Secret
from manager.appliance.block_devices import BlockDevice
from manager.appliance.places import Places
from manager.appliance.seed import Instance, kept_instance, read_files, read_seed, seed_device, take

META = "instance-id: one\nlocal-hostname: manager.example.org\n"
NETWORK = "version: 2\nethernets:\n  manager:\n    addresses: [192.0.2.5/24]\n"
SECRETS = ApplianceSeed(
    administrator=SeedAdministrator(password_hash=Secret("$argon2id$planted")),
    join_token=Secret("planted-token"),
    names=("vdi.example.org",),
)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    places = Places(tmp_path)
    places.kept.mkdir(parents=True)
    return places


def files(**changes: str) -> dict[str, str]:
    texts = {"meta-data": META, "user-data": user_data_text(SECRETS), "network-config": NETWORK}
    return {**texts, **{name.replace("_", "-"): text for name, text in changes.items()}}


def test_a_seed_is_kept_and_its_secrets_apart(places: Places) -> None:
    taken = take(files(), places, data_used=False)
    assert taken.is_new and taken.instance.host_name == "manager.example.org"
    assert taken.instance.interfaces[0].addresses == ("192.0.2.5/24",)
    assert "planted" not in places.instance.read_text()
    secrets = json.loads(places.first_start.read_text())
    assert secrets["join_token"] == "planted-token"
    assert places.first_start.stat().st_mode & 0o777 == 0o600


def test_the_same_seed_again_changes_nothing(places: Places) -> None:
    take(files(), places, data_used=False)
    places.first_start.unlink()
    again = take(files(network_config=NETWORK.replace("2.5", "2.6")), places, data_used=True)
    assert not again.is_new and again.instance.interfaces[0].addresses == ("192.0.2.5/24",)
    assert not places.first_start.exists()


def test_another_seed_moves_the_machine_but_brings_no_second_administrator(
    places: Places,
) -> None:
    take(files(), places, data_used=False)
    places.first_start.unlink()
    moved = files(
        meta_data=META.replace("one", "two"), network_config=NETWORK.replace("2.5", "2.6")
    )
    taken = take(moved, places, data_used=True)
    assert taken.is_new and taken.instance.interfaces[0].addresses == ("192.0.2.6/24",)
    assert not places.first_start.exists()
    assert kept_instance(places) == taken.instance


def test_a_wrong_seed_can_be_corrected_until_the_manager_has_answered(places: Places) -> None:
    def refuse(_instance: Instance) -> None:
        raise Failure("It cannot be used.", "Correct it.")

    with pytest.raises(Failure):
        take(files(), places, data_used=False, check=refuse)
    assert kept_instance(places) is None and not places.first_start.exists()
    take(files(), places, data_used=False)
    corrected = files(network_config=NETWORK.replace("2.5", "2.6"))
    taken = take(corrected, places, data_used=False)
    assert taken.instance.interfaces[0].addresses == ("192.0.2.6/24",)


def test_a_power_cut_between_secrets_and_settings_loses_neither(places: Places) -> None:
    take(files(), places, data_used=False)
    places.instance.unlink()
    assert take(files(), places, data_used=False).is_new
    assert places.first_start.exists()


def test_without_any_seed_there_are_defaults_and_then_what_was_kept(places: Places) -> None:
    assert take(None, places, data_used=False).instance.interfaces == ()
    take(files(), places, data_used=False)
    assert take(None, places, data_used=True).instance.host_name == "manager.example.org"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"meta_data": "local-hostname: x"}, "no instance-id"),
        ({"meta_data": META + "public-keys: []\n"}, "not known here: public-keys"),
        ({"meta_data": "[1"}, "meta-data in the seed is not YAML"),
        ({"user_data": "#cloud-config\n"}, "does not begin with #flexvdi-manager"),
        ({"user_data": "#flexvdi-manager\nformat: 1\npackages: [x]\n"}, "packages"),
        ({"network_config": "version: 3\n"}, "version 3"),
        ({"network_config": NETWORK + "    wifis: {}\n"}, "wifis"),
    ],
)
def test_what_is_not_understood_is_refused_by_its_name(
    places: Places, change: dict[str, str], said: str
) -> None:
    with pytest.raises(Failure) as failure:
        take(files(**change), places, data_used=False)
    assert said in str(failure.value) and failure.value.remedy
    assert not places.instance.exists() and not places.first_start.exists()


def test_a_seed_without_meta_data_is_none() -> None:
    with pytest.raises(Failure, match="no meta-data"):
        read_seed({})


def test_no_failure_shows_a_secret(places: Places) -> None:
    text = user_data_text(SECRETS).replace("password_hash", "pasword_hash")
    with pytest.raises(Failure) as failure:
        take(files(user_data=text), places, data_used=False)
    assert "planted" not in f"{failure.value} {failure.value.details}"


def test_the_seed_is_found_by_its_label_in_either_case() -> None:
    disk = BlockDevice("/dev/vda", "disk", 5)
    cd = BlockDevice("/dev/sr0", "rom", 5, label="CIDATA")
    assert seed_device((disk,)) is None
    assert seed_device((disk, cd)) == "/dev/sr0"
    with pytest.raises(Failure, match="two seeds"):
        seed_device((cd, cd))


def test_files_of_a_volume_are_read_whatever_their_case(tmp_path: Path) -> None:
    (tmp_path / "META-DATA").write_text(META)
    (tmp_path / "folder").mkdir()
    assert read_files(tmp_path) == {"meta-data": META}
    (tmp_path / "user-data").write_bytes(b"\xff\xfe")
    with pytest.raises(Failure, match="not UTF-8"):
        read_files(tmp_path)
