"""Storage on a simulated machine: plans, applying, faults and kills at every call of a port."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from foundation.failure import Failure
from host.backends.simulated.backend import SimulatedHost
from host.backends.simulated.simulation import Fault, Killed
from host.document.writing import document_text
from tests.unit.host.storage_lab import (
    EMPTY_DISK,
    EVERYTHING,
    FULL_DISK,
    LUN,
    NODE,
    SECRET,
    TARGET,
    WHO,
    Ports,
    with_storage,
)


@pytest.fixture
def host() -> SimulatedHost:
    return SimulatedHost(NODE)


def changes_of_everything() -> int:
    host = SimulatedHost(NODE)
    host.apply(with_storage(host, EVERYTHING), WHO)
    return len(host.simulation.changes_made)


CALLS = changes_of_everything()


def test_everything_is_applied_once(host: SimulatedHost) -> None:
    wanted = with_storage(host, EVERYTHING)
    assert host.apply(wanted, WHO) is not None
    ports = Ports(host)
    state = ports.state()
    assert state["sessions"] == {(TARGET, "10.0.5.1:3260"), (TARGET, "10.0.6.1:3260")}
    assert {"srv-images.mount", "srv-isos.automount", "srv-local.mount"} <= state["started"]
    assert {"images", "isos", "data-images"} == set(state["pools"])
    assert [v.filesystem for v in state["groups"]["data"].volumes] == ["xfs", ""]
    assert state["groups"]["data"].free == 0 and state["groups"]["san"].free == 0
    assert "/srv/drop" in ports.mounts.directories
    settings = next(iter(state["records"].values()))
    assert settings["node.session.timeo.replacement_timeout"] == "5"
    assert host.plan(wanted).is_empty
    assert host.apply(wanted, WHO) is None


def test_a_plan_says_what_is_on_disks_and_asks_for_their_names(host: SimulatedHost) -> None:
    wanted = with_storage(host, f"volume_groups: [{{name: data, disks: [{FULL_DISK}]}}]")
    plan = host.plan(wanted)
    assert plan.erases == (FULL_DISK,)
    assert "old-images" in plan.changes[0].details and plan.changes[0].risk == "data"
    before = Ports(host).state()
    for erase in ((), (EMPTY_DISK,)):
        with pytest.raises(Failure):
            host.apply(wanted, WHO, erase=erase)
    assert Ports(host).state() == before
    assert host.apply(wanted, WHO, erase=(FULL_DISK,)) is not None
    assert "data" in Ports(host).state()["groups"]


def test_the_disk_of_the_system_is_never_taken(host: SimulatedHost) -> None:
    system = "/dev/disk/by-id/wwn-0x5000c500a1b2c301"
    wanted = with_storage(host, f"volume_groups: [{{name: data, disks: [{system}]}}]")
    with pytest.raises(Failure, match="/boot/efi") as caught:
        host.apply(wanted, WHO, erase=(system,))
    assert "another disk" in caught.value.remedy


def test_a_disk_that_comes_with_something_on_it_is_not_erased(host: SimulatedHost) -> None:
    """At planning it was not there, so nobody could agree to what it holds."""
    portal = host.simulation.facts["storage"]["portals"]["10.0.5.1:3260"]
    content = {"device": "sde", "kind": "whole disk", "size": 1, "holds": "xfs"}
    portal["targets"][TARGET]["disks"][0]["contents"] = [content]
    text = EVERYTHING.replace("[10.0.5.1, 10.0.6.1]", "[10.0.5.1]")
    assert host.plan(with_storage(host, text)).erases == ()
    before = Ports(host).state()
    with pytest.raises(Failure, match="is not empty: sde: xfs"):
        host.apply(with_storage(host, text), WHO)
    assert Ports(host).state() == before


@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_a_fault_at_any_call_puts_everything_back(host: SimulatedHost, call: int) -> None:
    wanted, before = with_storage(host, EVERYTHING), host.document()
    ports = Ports(host)
    state = ports.state()
    host.simulation.faults["*"] = Fault("A cable was pulled.", at=call, times=1)
    with pytest.raises(Failure, match="A cable was pulled"):
        host.apply(wanted, WHO)
    assert ports.state() == state
    assert host.plan(before).is_empty
    host.simulation.faults.clear()
    assert host.apply(wanted, WHO) is not None
    assert host.plan(wanted).is_empty


@pytest.mark.parametrize("after", ["boot", "resume"])
@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_killed_at_any_call_it_is_rolled_back_or_resumed(
    host: SimulatedHost, call: int, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, before = with_storage(host, EVERYTHING), host.document()
    ports = Ports(host)
    state = ports.state()
    host.simulation.faults["*"] = Fault("killed", at=call, times=1, kind="killed")
    with pytest.raises(Killed):
        host.apply(wanted, WHO)
    monkeypatch.setattr("host.jobs._is_alive", lambda process: False)
    host.simulation.faults.clear()
    if after == "boot":
        host.apply_at_boot()
        left = host.document()
        assert left in (before, wanted)  # the document's own file may just have been written
        if left == before:
            assert ports.state() == state
    else:
        host.resume(host.jobs()[0].id, WHO)
        left = wanted
    assert host.document() == left
    assert host.plan(left).is_empty


def test_what_the_document_no_longer_names_is_unmounted_left_and_kept(host: SimulatedHost) -> None:
    host.apply(with_storage(host, EVERYTHING), WHO)
    ports = Ports(host)
    less = EVERYTHING.partition("volume_groups:")[0]
    host.apply(with_storage(host, less), WHO)
    assert ports.state()["started"] == set() and ports.state()["pools"] == {}
    assert {"data", "san"} <= set(ports.state()["groups"]), "volumes keep what is on them"
    assert len(ports.state()["sessions"]) == 2


def test_a_target_whose_disks_are_used_is_not_left(host: SimulatedHost) -> None:
    host.apply(with_storage(host, EVERYTHING), WHO)
    state = Ports(host).state()
    with pytest.raises(Failure, match=r"sde of iqn.* is in use"):
        host.apply(with_storage(host, "{}"), WHO)
    assert Ports(host).state() == state


def test_a_target_that_is_not_used_is_left(host: SimulatedHost) -> None:
    text = EVERYTHING.partition("multipath:")[0]
    host.apply(with_storage(host, text), WHO)
    plan = host.plan(with_storage(host, "{}"))
    assert [change.part for change in plan.changes] == ["iscsi_leaving"]
    host.apply(with_storage(host, "{}"), WHO)
    assert Ports(host).state()["sessions"] == set() and Ports(host).state()["records"] == {}


def through(*interfaces: str) -> str:
    """Everything, with sessions from these interfaces to one portal."""
    return EVERYTHING.replace("[10.0.5.1, 10.0.6.1]", "[10.0.5.1]").replace(
        "iscsi:\n", f"iscsi:\n  interfaces: [{', '.join(interfaces)}]\n"
    )


def ways(host: SimulatedHost) -> list[str]:
    """The interfaces of the records and of the sessions, which must be the same."""
    iscsi = Ports(host).iscsi
    assert sorted(iscsi.kept) == sorted(iscsi.open)
    return sorted(address.interface for address in iscsi.kept)


def test_two_interfaces_to_one_portal_are_two_ways_of_which_one_may_go(host: SimulatedHost) -> None:
    host.apply(with_storage(host, through()), WHO)
    assert ways(host) == ["default"]
    host.apply(with_storage(host, through("eno3", "eno4")), WHO)
    assert ways(host) == ["flexvdi-eno3", "flexvdi-eno4"]
    iscsi = Ports(host).iscsi
    lost = next(address for address in iscsi.open if address.interface == "flexvdi-eno4")
    kept = iscsi.open.pop(lost)
    health = {check.name: check for check in host.status().checks}["iSCSI"]
    assert health.state == "warning" and "10.0.5.1:3260 through eno4" in health.reason
    iscsi.open[lost] = kept
    host.apply(with_storage(host, through("eno3")), WHO)
    assert ways(host) == ["flexvdi-eno3"], "the disks are used, but one way to them stays"
    with pytest.raises(Failure, match=r"sde of iqn.* is in use"):
        host.apply(with_storage(host, "{}"), WHO)


def test_a_record_that_is_put_back_knows_its_portal_group(host: SimulatedHost) -> None:
    """Without it there would be room for one record only of those to the same portal."""
    text = through("eno3", "eno4").partition("multipath:")[0]
    host.apply(with_storage(host, text), WHO)
    iscsi = Ports(host).iscsi
    iscsi.kept = {way: replace(record, portal_group=7) for way, record in iscsi.kept.items()}
    host.simulation.faults["iscsi.remove_record"] = Fault("The disk is full.", at=2)
    with pytest.raises(Failure):
        host.apply(with_storage(host, "{}"), WHO)
    assert ways(host) == ["flexvdi-eno3", "flexvdi-eno4"]
    assert {record.portal_group for record in iscsi.kept.values()} == {7}


def test_a_pulled_disk_is_a_matter_of_health_and_not_made_anew(host: SimulatedHost) -> None:
    wanted = with_storage(host, EVERYTHING)
    host.apply(wanted, WHO)
    ports = Ports(host)
    del ports.volumes.known["data"], ports.disks.known["sdb"]
    assert host.plan(wanted).is_empty
    checks = {check.name: check for check in host.storage.checks()}
    assert checks["Volume groups"].state == "failed"
    assert "data is not there" in checks["Volume groups"].reason

    # Nothing is added to what is away, and nobody is told that it was.
    for more in (
        EVERYTHING.replace("500 GiB", "600 GiB"),
        EVERYTHING.replace("  - {name: rest,", "  - {name: more, size: 1 GiB}\n  - {name: rest,"),
    ):
        assert more != EVERYTHING
        with pytest.raises(Failure, match="data is not there: its disks are away"):
            host.apply(with_storage(host, more), WHO)
    fewer = with_storage(host, EVERYTHING.replace("  - {name: rest, size: rest}\n", ""))
    assert host.plan(fewer).changes == ()


def test_a_volume_cut_off_from_its_disk_is_opened_anew_and_keeps_what_it_holds(
    host: SimulatedHost,
) -> None:
    wanted = with_storage(host, EVERYTHING)
    host.apply(wanted, WHO)
    ports = Ports(host)
    before = ports.volumes.groups()
    data = ports.volumes.known["data"]
    ports.volumes.known["data"] = replace(
        data, volumes=tuple(replace(v, cut_off=v.name == "images") for v in data.volumes)
    )
    checks = {check.name: check for check in host.storage.checks()}
    assert "data/images was open on a disk that was pulled" in checks["Volume groups"].reason
    assert [change.summary for change in host.plan(wanted).changes] == [
        "Volume data/images: open it on the disk that came back, and mount it on /srv/local"
    ]

    disk = ports.disks.known.pop("sdb")
    assert host.plan(wanted).is_empty, "there is nothing yet to open it on"
    ports.disks.known["sdb"] = disk
    host.apply(wanted, WHO)
    assert ports.volumes.groups() == before
    assert "srv-local.mount" in ports.mounts.started
    assert host.plan(wanted).is_empty


def test_a_filesystem_that_cannot_be_read_is_not_made_anew(host: SimulatedHost) -> None:
    wanted = with_storage(host, EVERYTHING)
    host.apply(wanted, WHO)
    ports = Ports(host)
    data = ports.volumes.known["data"]
    ports.volumes.known["data"] = replace(
        data, volumes=tuple(replace(volume, filesystem="") for volume in data.volumes)
    )
    plan = host.plan(wanted)
    assert plan.changes == ()
    assert any("data/images: its filesystem cannot be read" in note for note in plan.notes)


def test_volumes_grow_and_never_shrink(host: SimulatedHost) -> None:
    text = EVERYTHING.replace("  - {name: rest, size: rest}\n", "")
    host.apply(with_storage(host, text), WHO)
    larger = with_storage(host, text.replace("500 GiB", "600 GiB"))
    assert [c.summary for c in host.plan(larger).changes] == [
        "Volume data/images: grow it to 600 GiB"
    ]
    host.apply(larger, WHO)
    with pytest.raises(Failure, match="cannot be made smaller"):
        host.apply(with_storage(host, text.replace("500 GiB", "100 GiB")), WHO)


def test_a_changed_option_mounts_again_and_a_changed_purpose_does_not(host: SimulatedHost) -> None:
    mount = 'mounts: [{kind: nfs, name: a, source: "nas.lab:/export/images", path: /srv/a, %s}]'
    host.apply(with_storage(host, mount % "timeout: 60"), WHO)
    host.simulation.changes_made.clear()
    host.apply(with_storage(host, mount % "timeout: 60, purpose: image-storage"), WHO)
    assert "mounts.stop" not in host.simulation.changes_made
    host.apply(with_storage(host, mount % "timeout: 60, version: '4.1'"), WHO)
    assert "mounts.stop" in host.simulation.changes_made


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (
            "iscsi: {targets: [{name: iqn.2026-01.com.example:disks, portals: [10.0.5.2]}]}",
            "10.0.5.2:3260 does not answer",
        ),
        (
            "iscsi: {targets: [{name: iqn.2026-01.com.example:disks, portals: [10.0.5.1]}]}",
            "refuses the user name or secret",
        ),
        (
            'mounts: [{kind: nfs, name: a, source: "nas.lab:/gone", path: /srv/a}]',
            "no longer exports nas.lab:/gone",
        ),
        (
            f"volume_groups: [{{name: d, disks: [{EMPTY_DISK}], "
            "volumes: [{name: v, size: 90 TiB}]}]",
            "has no room",
        ),
    ],
)
def test_what_fails_has_cause_and_remedy_and_leaves_nothing(
    host: SimulatedHost, text: str, cause: str
) -> None:
    state = Ports(host).state()
    with pytest.raises(Failure, match=cause) as caught:
        host.apply(with_storage(host, text), WHO)
    assert caught.value.remedy
    assert Ports(host).state() == state


def test_no_secret_is_in_a_plan_or_a_record_of_a_job(host: SimulatedHost) -> None:
    wanted = with_storage(host, EVERYTHING)
    plan = host.plan(wanted)
    host.apply(wanted, WHO)
    shown = json.dumps(plan.as_dict()) + repr(plan) + repr(host.jobs())
    assert SECRET not in shown
    assert SECRET not in document_text(host.document(), show_secrets=False)


def test_a_lun_is_found_under_the_name_the_document_gives(host: SimulatedHost) -> None:
    host.apply(with_storage(host, EVERYTHING), WHO)
    assert LUN in {disk.stable for disk in host.storage.disks()}
