from __future__ import annotations

from foundation.manifest import Manifest
from installer.checks import check_plan
from kickstart.install_plan import Bootloader, Payload, SELinux
from tests.unit.installer_storage.lab_machines import (
    IMAGE,
    automatic,
    clear_all,
    machine,
    mirrored,
)

MANIFEST = Manifest(
    product="flexVDI",
    version="1",
    base="lab",
    base_release="1",
    kernel="6",
    build_id="x",
    source_date_epoch=0,
    image="host.squashfs",
    unpacked_size=IMAGE,
    displays=(),
    artefacts={},
    packages={},
)


def causes(plan, name: str) -> list[str]:
    return [failure.cause for failure in check_plan(plan, machine(name), MANIFEST)]


def test_a_good_plan_has_nothing_against_it():
    assert causes(mirrored("sda", "sdb"), "two-blank-disks") == []


def test_every_absent_disk_is_told_at_once():
    plan = automatic("sdx", clearing=clear_all("sdy")).model_copy(
        update={"bootloader": Bootloader(boot_drive="sdz")}
    )
    found = causes(plan, "two-blank-disks")
    assert [cause[:26] for cause in found] == [
        "There is no disk “sdx” in ",
        "There is no disk “sdy” in ",
        "There is no disk “sdz” in ",
    ]


def test_faults_of_different_kinds_are_told_together():
    plan = automatic().model_copy(
        update={"payload": Payload(url="ftp://server/image", where="ks.cfg:1")}
    )
    little = machine("too-small").model_copy(update={"memory": 512 << 20})
    failures = check_plan(plan, little, MANIFEST)
    assert len(failures) == 3
    assert all(failure.remedy for failure in failures)


def test_enforcing_selinux_needs_an_image_that_has_it():
    from installer.engine.simulation import simulated_release

    plan = automatic().model_copy(update={"selinux": SELinux(mode="enforcing")})
    release = simulated_release()
    found = machine("one-blank-disk")
    assert check_plan(plan, found, MANIFEST, release)
    with_selinux = release.model_copy(update={"selinux": True})
    assert check_plan(plan, found, MANIFEST, with_selinux) == []
