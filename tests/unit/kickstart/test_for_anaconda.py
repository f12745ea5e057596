"""Kickstarts for stock Anaconda: valid for it, and the same to both installers.

What Anaconda makes of a command is taken from pykickstart, which reads its files too. Where our
installer makes something else of the same line, that is named here.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from pykickstart.parser import KickstartParser
from pykickstart.version import makeVersion

from foundation.failure import Failure
from foundation.process import run
from foundation.secret import Secret
from kickstart.catalogue import TEMPLATES, Template, find_template
from kickstart.install_plan import InstallPlan
from kickstart.reading import read_kickstart
from kickstart.rendering import AnacondaImage, render
from tests.unit.kickstart.test_templates import values_for

IMAGE = AnacondaImage("http://deploy.example/host.squashfs", "ab" * 32)
PASSWORDS = {"root_password": Secret("$6$salt$" + "a" * 86)}
# Anaconda mounts the other disk's ESP, because it makes only what has a place. Ours makes one on
# every disk of a mirror and mounts one; `flexvdi-install finish` ends up there too.
MOUNTED_BY_ANACONDA_ALONE = {"/boot/efi2"}


def rendered(template: Template, everything: bool, image: AnacondaImage | None) -> str:
    values = values_for(template, everything)
    for name in ("image_url", "image_sha256"):
        values.pop(name, None)
    return render(template, values, PASSWORDS, anaconda=image)


@pytest.fixture(params=TEMPLATES, ids=lambda template: template.name)
def template(request: pytest.FixtureRequest) -> Template:
    found: Template = request.param
    return found


@pytest.fixture(params=[False, True], ids=["least", "everything"])
def everything(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def file(template: Template, everything: bool, tmp_path: Path) -> Path:
    path = tmp_path / "anaconda.ks"
    path.write_text(rendered(template, everything, IMAGE))
    return path


@pytest.fixture
def anaconda(file: Path) -> Any:
    """What the reference's own parser makes of the file."""
    handler = makeVersion("RHEL10")
    KickstartParser(handler).readKickstart(str(file))
    return handler


@pytest.fixture
def ours(file: Path) -> InstallPlan:
    return read_kickstart(file)


def without_places(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_places(inner) for name, inner in value.items() if name != "where"}
    if isinstance(value, list | tuple):
        return [without_places(inner) for inner in value]
    return value


def test_the_reference_finds_it_valid(file: Path) -> None:
    tools = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    run(["ksvalidator", "-v", "RHEL10", str(file)], environment=tools)


def test_it_means_what_the_one_for_our_medium_means(
    template: Template, everything: bool, ours: InstallPlan, tmp_path: Path
) -> None:
    path = tmp_path / "ours.ks"
    path.write_text(rendered(template, everything, None))
    other = read_kickstart(path)
    # What differs: where the image comes from, the scripts that finish the host, and remarks.
    apart = {"payload", "scripts", "notes", "source"}
    assert without_places(ours.model_dump(exclude=apart)) == without_places(
        other.model_dump(exclude=apart)
    )
    assert [script.text for script in ours.scripts[:-2]] == [s.text for s in other.scripts]


def test_the_image_is_ours_and_its_checksum_is_compared(anaconda: Any) -> None:
    assert anaconda.liveimg.url == IMAGE.url
    assert anaconda.liveimg.checksum == IMAGE.sha256


def test_the_host_is_finished_last_from_inside_the_image(anaconda: Any) -> None:
    keeping, finishing = anaconda.scripts[-2:]
    assert not keeping.inChroot
    assert finishing.inChroot
    assert "flexvdi-install finish" in finishing.script
    assert keeping.errorOnFail
    assert finishing.errorOnFail


def test_both_make_the_same_mounts_of_the_same_sizes(anaconda: Any, ours: InstallPlan) -> None:
    parts = [part for part in anaconda.partition.partitions if part.mountpoint.startswith("/")]
    volumes = [volume for volume in anaconda.logvol.lvList if volume.mountpoint != "none"]
    theirs = {
        item.mountpoint: (item.fstype, item.size, bool(item.grow)) for item in (*parts, *volumes)
    }
    own = {
        item.mount_point: (item.filesystem, item.size, item.grow)
        for item in (*ours.storage.partitions, *ours.storage.volumes)
        if item.mount_point is not None
    }
    assert set(theirs) - set(own) <= MOUNTED_BY_ANACONDA_ALONE
    assert set(own) - set(theirs) == set()
    for place in own.keys() - {"/boot/efi"}:
        assert own[place] == theirs[place], place


def test_both_mirror_the_same_partitions(anaconda: Any, ours: InstallPlan) -> None:
    theirs = [
        (raid.device, f"RAID{ours_raid.level}", tuple(raid.members), raid.mountpoint)
        for raid, ours_raid in zip(anaconda.raid.raidList, ours.storage.raids, strict=True)
    ]
    own = [
        (raid.device, their_raid.level, raid.members, raid.mount_point or raid.volume_name)
        for raid, their_raid in zip(ours.storage.raids, anaconda.raid.raidList, strict=True)
    ]
    assert own == theirs


def test_both_keep_room_for_the_other_slot(anaconda: Any, ours: InstallPlan) -> None:
    (theirs,), (own,) = anaconda.volgroup.vgList, ours.storage.groups
    assert (own.name, own.reserved) == (theirs.vgname, theirs.reserved_space)


def test_every_disk_of_a_mirror_boots_under_anaconda_too(anaconda: Any) -> None:
    disks = set(anaconda.ignoredisk.onlyuse)
    for kind in ("efi", "biosboot"):
        made = [part.disk for part in anaconda.partition.partitions if part.fstype == kind]
        assert sorted(made) == sorted(disks)


def test_both_erase_the_same_disks_and_no_others(anaconda: Any, ours: InstallPlan) -> None:
    clearing = ours.storage.clearing
    assert clearing is not None
    assert set(clearing.disks) == set(anaconda.clearpart.drives)
    assert set(ours.storage.use.only) == set(anaconda.ignoredisk.onlyuse)
    assert clearing.initialize_labels == anaconda.clearpart.initAll
    assert clearing.zerombr == anaconda.zerombr.zerombr


def test_both_set_up_the_same_network(anaconda: Any, ours: InstallPlan) -> None:
    first = anaconda.network.network[0]
    document = ours.document
    assert document.identity.hostname == first.hostname
    addresses = str([interface.ipv4.addresses for interface in document.network.interfaces])
    if first.bootProto == "static":
        assert f"{first.ip}/25" in addresses
    else:
        assert first.ip == ""
    names = {interface.name for interface in document.network.interfaces}
    named = {entry.interfacename or entry.device for entry in anaconda.network.network}
    assert {name for name in named if name not in ("link", "52:54:00:12:34:56")} <= names


def test_both_make_the_same_people(anaconda: Any, ours: InstallPlan) -> None:
    assert ours.root_password is not None
    assert ours.root_password.password is not None
    assert ours.root_password.password.reveal() == anaconda.rootpw.password
    theirs = {user.name: set(user.groups) for user in anaconda.user.userList}
    assert {user.name: set(user.groups) for user in ours.users} == theirs
    keys = [entry.key for entry in anaconda.sshkey.sshUserList]
    assert list(ours.root_ssh_keys) == keys


def test_an_image_that_is_named_twice_is_refused() -> None:
    values = {**values_for(find_template("full"), True)}
    with pytest.raises(Failure, match="named twice"):
        render(find_template("full"), values, PASSWORDS, anaconda=IMAGE)


@pytest.mark.parametrize(
    "image",
    [AnacondaImage("host.squashfs"), AnacondaImage(IMAGE.url, "abc"), AnacondaImage("http://a b")],
)
def test_a_wrong_image_is_refused(image: AnacondaImage) -> None:
    with pytest.raises(Failure):
        rendered(find_template("one-disk"), False, image)
