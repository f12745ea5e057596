"""What the appliance's image holds: bases, our software, units, the command."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from pathlib import Path

import pytest

from foundation.appliance_manifest import APPLIANCE_MANIFEST_NAME, ApplianceManifest, LeastHardware
from foundation.failure import Failure, WrongArgument
from foundation.manifest import measure
from iso import bases, contract, software
from iso.bases.model import Base
from iso.host_image import HOST
from iso.lock_file import runtime_requirements
from iso.root_tree import root_key
from iso.software import PROJECT
from manager_image import command_line
from manager_image.kind import MANAGER, base_names, load_base

UNITS = MANAGER.overlay / "usr/lib/systemd/system"


@pytest.fixture(params=base_names())
def base(request: pytest.FixtureRequest) -> Base:
    return load_base(request.param)


def test_every_base_says_where_postgresql_is(base: Base) -> None:
    drop_in = base.files["usr/lib/systemd/system/flexvdi-database.service.d/10-base.conf"]
    assert f"ExecStart=/{base.places['postgresql']}/postgres -D " in drop_in


def test_the_appliance_has_no_hypervisor_and_its_own_root(base: Base) -> None:
    assert not [name for name in base.all_packages if "qemu-system" in name or "libvirt" in name]
    assert "qemu-guest-agent" in base.all_packages
    assert root_key(base) != root_key(bases.load(base.name))


def test_ssh_waits_for_a_seed_with_keys(base: Base) -> None:
    assert base.services["ssh"] not in base.units.enabled


def test_the_images_differ_in_what_is_ours() -> None:
    packages = {path.parent.name for path in PROJECT.glob("*/__init__.py")}
    assert set(HOST.packages) <= packages
    assert all(software.folder_of(name).is_dir() for name in MANAGER.packages)
    assert "flexvdi-config" in software.entry_points(HOST)
    assert "flexvdi-config" not in software.entry_points(MANAGER)
    assert "flexvdi-manager-appliance" in software.entry_points(MANAGER)
    assert not set(software.entry_points(HOST)) & {"flexvdi-iso", "flexvdi-manager-image"}


def test_only_the_appliance_gets_what_the_manager_needs() -> None:
    host, manager = (runtime_requirements(PROJECT, kind.extras) for kind in (HOST, MANAGER))
    assert "fastapi==" in manager and "psycopg" in manager
    assert "fastapi==" not in host
    for text in (host, manager):
        assert "selenium==" not in text and "libvirt-python==" not in text


def test_every_unit_of_ours_that_is_to_run_is_there() -> None:
    preset = (MANAGER.overlay / "usr/lib/systemd/system-preset/10-flexvdi.preset").read_text()
    enabled = re.findall(r"^enable (\S+)", preset, re.MULTILINE)
    assert enabled and all((UNITS / unit).is_file() for unit in enabled)


@pytest.mark.parametrize("unit", sorted(UNITS.glob("*.service")), ids=lambda path: path.name)
def test_units_run_commands_that_are_in_the_image(unit: Path) -> None:
    for command in re.findall(r"/usr/bin/(flexvdi-\S+)", unit.read_text()):
        assert command in software.entry_points(MANAGER)


def test_the_manager_is_confined() -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(UNITS / "flexvdi-manager.service")
    service = parser["Service"]
    assert service["User"] == "flexvdi-manager"
    assert service["ProtectSystem"] == "strict" and service["NoNewPrivileges"] == "yes"
    assert service["CapabilityBoundingSet"] == "CAP_NET_BIND_SERVICE"


def test_no_password_is_set_anywhere_in_the_overlay() -> None:
    for path in MANAGER.overlay.rglob("*"):
        if path.is_file():
            assert not re.search(r"\$(y|6|argon2id)\$|chpasswd", path.read_text()), path


def test_the_contract_names_the_kind_that_is_unfit(base: Base, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="not fit for a Manager's appliance"):
        contract.require(MANAGER, base, tmp_path)


def test_data_files_hold_no_entry_twice(base: Base) -> None:
    path = PROJECT / "manager_image/bases" / f"{base.name}.toml"
    said = tomllib.loads(path.read_text())
    for group, names in said.get("packages", {}).items():
        assert len(names) == len(set(names)), group


def test_an_unknown_base_is_told_with_those_that_are() -> None:
    with pytest.raises(WrongArgument) as failure:
        load_base("slackware")
    assert "debian-12" in failure.value.remedy


def test_inspect_tells_and_verifies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image = tmp_path / "manager.qcow2"
    image.write_bytes(b"image")
    measured = measure(image)
    manifest = ApplianceManifest(
        product="flexVDI Manager",
        version="1.2.3",
        base="debian-12",
        base_release="12",
        kernel="6.1",
        build_id="abc",
        source_date_epoch=1,
        size=measured.size,
        sha256=measured.sha256,
        virtual_size=1 << 30,
        least=LeastHardware(vcpus=2, memory=2048, data_disk=1 << 30),
        firmwares=("bios", "uefi"),
        database=15,
        packages={},
    )
    (tmp_path / APPLIANCE_MANIFEST_NAME).write_text(manifest.model_dump_json())
    for place in (tmp_path, image, tmp_path / APPLIANCE_MANIFEST_NAME):
        assert command_line._main(["inspect", str(place), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["version"] == "1.2.3"
    image.write_bytes(b"imagE")
    with pytest.raises(Failure, match="damaged"):
        command_line._main(["inspect", str(image)])
