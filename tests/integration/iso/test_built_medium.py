"""The medium that `make iso` built: equal when built again, verified, and clean inside."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from foundation.image_release import RELEASE_PATH, read_release
from foundation.manifest import measure, read_manifest, verify_artefact
from foundation.process import Completed, run
from iso import iso9660, software
from iso.host_image import HOST
from tests.integration.iso.image_contents import private_keys
from tests.lab.places import BASE, LAB_BASE, iso_path, netboot_folder

ISO = iso_path(LAB_BASE)
NETBOOT = netboot_folder(LAB_BASE)


def flexvdi_iso(*arguments: str, accept: tuple[int, ...] = (0,)) -> Completed:
    return run(
        [sys.executable, "-m", "iso.command_line", *arguments],
        timeout=1800,
        accept=accept,
        working_directory=str(software.PROJECT),
    )


@pytest.fixture(scope="module", autouse=True)
def medium() -> Path:
    if BASE != LAB_BASE:
        pytest.skip(f"these are about the medium of {LAB_BASE}; {BASE} is tried end to end")
    if not ISO.exists():
        pytest.fail(f"{ISO} is missing; `make iso` builds it")
    return ISO


@pytest.fixture(scope="module")
def listing() -> dict[str, str]:
    """Every path of the host image and its line in `unsquashfs -lls`."""
    lines = run(["unsquashfs", "-lls", str(NETBOOT / "host.squashfs")], timeout=300).stdout
    found = {}
    for line in lines.splitlines():
        match = re.search(r" squashfs-root/(.*?)(?: -> .*)?$", line)
        if match:
            found[match.group(1)] = line
    return found


@pytest.fixture(scope="module")
def etc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A part of the host image, unpacked."""
    place = tmp_path_factory.mktemp("image") / "root"
    wanted = ["etc", "usr/lib/flexvdi", "usr/lib/os-release", "usr/lib/systemd/system", "boot"]
    run(
        ["unsquashfs", "-q", "-n", "-d", str(place), str(NETBOOT / "host.squashfs"), *wanted],
        timeout=300,
    )
    return place


def test_two_builds_give_the_same_bytes(tmp_path: Path) -> None:
    records = []
    for name in ("first", "second"):
        output = tmp_path / name / "x.iso"
        flexvdi_iso("build", "--base", "debian-12", "--output", str(output))
        record = json.loads(output.with_name("x.iso.json").read_text())
        sums = {
            path.name: measure(path).sha256
            for path in (output, *sorted((output.parent / "x-netboot").iterdir()))
        }
        records.append((record["build_id"], sums))
        if name == "first":
            shutil.rmtree(output.parent)
    assert records[0] == records[1]


def test_no_boot_compiles_the_keymap_that_the_image_has(etc: Path) -> None:
    # In whole seconds, as the image keeps them, and as console-setup compares them.
    compiled = (etc / "etc/console-setup/cached_setup_terminal.sh").stat().st_mtime
    for name in ("keyboard", "console-setup"):
        assert compiled > (etc / "etc/default" / name).stat().st_mtime


def test_inspect_names_the_file_with_a_flipped_bit(tmp_path: Path) -> None:
    copy = Path(shutil.copy(ISO, tmp_path / "copy.iso"))
    with copy.open("r+b") as stream:
        extent = iso9660.files(stream)["flexvdi/host.squashfs"]
        stream.seek(extent.offset + extent.size // 2)
        byte = stream.read(1)[0]
        stream.seek(-1, 1)
        stream.write(bytes([byte ^ 0x10]))
    result = flexvdi_iso("inspect", str(copy), accept=(1,))
    assert "copy.iso is damaged: flexvdi/host.squashfs." in result.stderr


def test_embedding_leaves_the_medium_verified(tmp_path: Path) -> None:
    copy = Path(shutil.copy(ISO, tmp_path / "copy.iso"))
    kickstart = tmp_path / "ks.cfg"
    kickstart.write_text("text\npoweroff\n")
    flexvdi_iso("embed", str(copy), str(kickstart), "--kernel-arguments", "console=ttyS0,115200")
    shown = json.loads(flexvdi_iso("inspect", str(copy), "--json").stdout)
    assert shown["damaged"] == []
    assert shown["kickstart_sha256"] == measure(kickstart).sha256
    assert shown["kernel_arguments"] == "console=ttyS0,115200"


def test_the_network_boot_set_matches_its_manifest() -> None:
    manifest = read_manifest(NETBOOT / "manifest.json")
    assert manifest.image == "host.squashfs"
    for name in manifest.artefacts:
        verify_artefact(manifest, NETBOOT, name)


def test_the_medium_is_smaller_than_900_megabytes() -> None:
    assert ISO.stat().st_size < 900_000_000


def test_nothing_that_must_be_unique_is_in_the_image(listing: dict[str, str], etc: Path) -> None:
    assert (etc / "etc/machine-id").read_bytes() == b""
    identities = [
        path
        for path in listing
        if re.search(
            r"ssh_host_|initiatorname\.iscsi|hostnqn|hostid$|/authkey$|random-seed|dbus/machine-id",
            path,
        )
        and not path.startswith("usr/")
    ]
    assert identities == []


def test_no_private_key_is_in_the_image(etc: Path) -> None:
    assert private_keys(etc) == []


def test_no_trace_of_the_build_is_in_the_image(listing: dict[str, str], etc: Path) -> None:
    assert "etc/apt/sources.list" not in listing
    left = [
        path
        for path, line in listing.items()
        if line.startswith("-") and re.match(r"var/(log|lib/apt/lists|cache/apt)/", path)
    ]
    assert left == []
    assert (etc / "etc/hostname").read_text() == "localhost\n"
    assert "etc/resolv.conf" not in listing


def test_root_has_no_password(etc: Path) -> None:
    root = (etc / "etc/shadow").read_text().splitlines()[0].split(":")
    assert root[0] == "root"
    assert root[1].startswith(("*", "!"))


def test_folders_that_the_live_system_mounts_over_are_there(listing: dict[str, str]) -> None:
    assert {"proc", "sys", "dev", "run", "tmp"} <= listing.keys()
    assert not [path for path in listing if path.startswith(("proc/", "sys/", "dev/"))]


def test_the_release_names_files_that_the_image_has(listing: dict[str, str], etc: Path) -> None:
    assert str(RELEASE_PATH) in listing
    release = read_release(etc)
    paths = release.boot.model_dump()
    for name in ("kernel", "initrd", "grub_bios_modules", "shim", "mok_manager", "grub_efi"):
        assert paths[name].lstrip("/") in listing
    units = {path.rpartition("/")[2] for path in listing}
    assert set(release.services.values()) <= units
    assert 'ID="debian"' in (etc / "usr/lib/os-release").read_text()


def test_commands_start_with_the_prefix_of_the_image(listing: dict[str, str], etc: Path) -> None:
    for command in software.entry_points(HOST):
        launcher = etc / "usr/lib/flexvdi/bin" / command
        assert launcher.read_text().startswith("#!/usr/lib/flexvdi/bin/python3 -I\n")
        assert listing[f"usr/bin/{command}"].endswith(f"-> /usr/lib/flexvdi/bin/{command}")
    library = etc / "usr/lib/flexvdi/lib/python3.11/site-packages"
    assert not (library / "iso").exists()
    assert not (library / "pytest").exists()
    for module in library.rglob("*.py"):
        assert list(module.parent.glob(f"__pycache__/{module.stem}.*.pyc")), module


def test_clusters_wait_and_the_hosts_own_services_run(etc: Path) -> None:
    wanted = {path.name for path in (etc / "etc/systemd/system").rglob("*.wants/*")}
    assert {
        "NetworkManager.service",
        "chrony.service",
        "ssh.service",
        "libvirtd.socket",
        "flexvdi-installer.service",
        "flexvdi-first-boot.service",
        "flexvdi-live-storage.service",
    } <= wanted
    assert not wanted & {
        "corosync.service",
        "pacemaker.service",
        "pcsd.service",
        "sanlock.service",
        "lvmlockd.service",
        "apt-daily.timer",
        "systemd-networkd.service",
    }


def test_every_unit_that_the_base_names_exists(listing: dict[str, str]) -> None:
    from iso import bases

    base = bases.load("debian-12")
    units = {path.rpartition("/")[2] for path in listing if "/systemd/system/" in path}
    named = {*base.units.enabled, *base.units.not_live, *base.units.live_with}
    assert named - units == set()
    assert set(base.units.masked) <= units
    for unit in base.units.masked:
        assert listing[f"etc/systemd/system/{unit}"].endswith(" -> /dev/null")
    rules = {path.rpartition("/")[2] for path in listing if "/udev/rules.d/" in path}
    assert set(base.units.live_masked_rules) <= rules
