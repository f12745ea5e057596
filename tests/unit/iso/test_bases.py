"""The data files of bases: complete, consistent, and refused with the wrong entry's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from foundation.failure import Failure
from foundation.image_release import ImageRelease
from host.document.model import HostDocument
from host.document.system_files import keyboard_files
from iso import bases
from iso.bases.mmdebstrap import Settings, command
from iso.bases.model import Base, read_base
from iso.image_tree import os_release, unit_conditions
from iso.root_tree import root_key


@pytest.fixture(params=bases.names())
def base(request: pytest.FixtureRequest) -> Base:
    return bases.load(request.param)


def release_of(base: Base) -> ImageRelease:
    return ImageRelease(
        product="flexVDI host",
        version="1.2.3",
        base=base.name,
        base_release=base.release,
        build_id="abc",
        kernel_version="6.1.0-1",
        displays=base.displays,
        selinux=base.selinux,
        boot=base.boot_files("6.1.0-1"),
        services=base.services,
    )


def test_the_image_has_the_keyboard_of_a_new_host(base: Base) -> None:
    ours = keyboard_files(HostDocument().identity.keyboard)
    name = "etc/default/keyboard"
    if base.newest:
        assert base.files[name].lstrip("\n") == ours[name].text


def test_every_base_serves_spice(base: Base) -> None:
    assert "spice" in base.displays


def test_kernel_paths_name_the_kernel(base: Base) -> None:
    files = base.boot_files("6.1.0-1")
    assert "6.1.0-1" in files.kernel
    assert "6.1.0-1" in files.initrd
    assert "{" not in "".join(files.model_dump().values())


def test_services_of_kickstarts_have_units(base: Base) -> None:
    for name in ("sshd", "chronyd", "libvirtd", "multipathd", "iscsid", "NetworkManager"):
        assert base.services[name].endswith(".service")


def test_cluster_services_wait_until_a_host_joins_one(base: Base) -> None:
    for name in ("corosync", "pacemaker", "pcsd", "sanlock", "lvmlockd"):
        assert base.services[name] not in base.units.enabled


def test_os_release_still_names_the_distribution(base: Base) -> None:
    lines = dict(line.split("=", 1) for line in os_release(base, release_of(base)).splitlines())
    assert lines["PRETTY_NAME"] == f'"flexVDI host 1.2.3 ({base.title})"'
    assert lines["IMAGE_VERSION"] == '"1.2.3"'
    assert lines["ID"] != '"flexvdi"'


def test_the_live_system_runs_ssh_only_when_asked() -> None:
    conditions = unit_conditions(bases.load("debian-12"))
    assert conditions["ssh.service"] == [
        "ConditionKernelCommandLine=|!rd.live.image",
        "ConditionKernelCommandLine=|inst.sshd",
    ]
    assert conditions["libvirtd.socket"] == [
        "ConditionKernelCommandLine=|!rd.live.image",
        "ConditionPathExists=|/run/flexvdi/live/%n",
    ]
    assert conditions["multipathd.service"] == [
        "ConditionKernelCommandLine=|!rd.live.image",
        "ConditionPathExists=|/run/flexvdi/live/%n",
        "ConditionPathExists=/etc/multipath.conf",
    ]


def test_the_root_key_follows_packages_and_nothing_else() -> None:
    base = bases.load("debian-12")
    more = base.model_copy(update={"packages": {**base.packages, "extra": ("nano",)}})
    regrouped = base.model_copy(update={"packages": {"all": base.all_packages}})
    branded = base.model_copy(update={"title": "Other", "kernel_arguments": ("quiet",)})
    assert root_key(more) != root_key(base)
    assert root_key(regrouped) == root_key(branded) == root_key(base)


def test_the_mmdebstrap_command_asks_for_every_package_once() -> None:
    base = bases.load("debian-12")
    settings = Settings.model_validate(base.adapter_settings)
    argv = command(base, settings, Path("/tree"), ["deb http://m.test/debian bookworm main"])
    (included,) = (word for word in argv if word.startswith("--include="))
    names = included.removeprefix("--include=").split(",")
    assert len(names) == len(set(names))
    assert {"linux-image-amd64", "dracut", "shim-signed", "python3-libvirt"} <= set(names)
    assert argv[-2:] == ["/tree", "deb http://m.test/debian bookworm main"]


def test_an_unknown_base_lists_the_known_ones() -> None:
    with pytest.raises(Failure) as caught:
        bases.load("slackware-3")
    assert "slackware-3" in caught.value.cause
    assert "debian-12" in caught.value.remedy


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('release = "12"', "release = 12", "release"),
        ('shim = "', 'shimm = "', "boot.shim"),
        ("[packages]", "[packages", "TOML"),
    ],
)
def test_a_wrong_data_file_names_the_entry(tmp_path: Path, old: str, new: str, named: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_text((bases.DATA / "debian-12.toml").read_text().replace(old, new, 1))
    with pytest.raises(Failure) as caught:
        read_base(path)
    assert named in caught.value.cause
    assert caught.value.where == str(path)
