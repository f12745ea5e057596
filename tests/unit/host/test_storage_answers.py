"""What the tools of storage answer, taken apart: recorded answers, and answers that are wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from foundation.failure import Failure
from foundation.process import Completed, ProcessFailed
from host.backends.real.storage import (
    adapters,
    findmnt,
    iscsi_sessions,
    iscsiadm,
    lsblk,
    lvm,
    multipathd,
    nfs,
    pools,
    smartctl,
)
from host.backends.real.storage.iscsi_records import (
    RecordFiles,
    changed_record,
    discovery_settings,
    parse_record,
    write_record,
)
from host.document.storage import Chap
from host.document.storage_names import device_mapper_name
from host.machine.iscsi import NodeAddress, NodeRecord
from host.mount_failures import mount_failure
from host.storage_use import find_disk, losses_of, uses_of

ANSWERS = Path(__file__).parent / "storage_answers"
WWID = "360000000000000000e00000000010001"


def answer(name: str) -> str:
    return (ANSWERS / name).read_text()


PARSERS: dict[str, Callable[[str], object]] = {
    "lsblk": lambda text: lsblk.parse_disks(text, {}),
    "smartctl": smartctl.parse_smart,
    "multipathd": multipathd.parse_maps,
    "vgs": lambda text: lvm.parse_groups(text, text, text),
    "lvm and lsblk": lambda text: lvm.with_filesystems((), text),
    "findmnt": findmnt.parse_mounts,
}


@pytest.mark.parametrize("parse", PARSERS.values(), ids=list(PARSERS))
@pytest.mark.parametrize("text", ["", "{", "[]", "null", "42", "no JSON at all"])
def test_what_is_no_answer_is_a_failure(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(Failure) as caught:
        parse(text)
    assert caught.value.remedy


@pytest.mark.parametrize("parse", PARSERS.values(), ids=list(PARSERS))
@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"blockdevices": null, "maps": null, "report": null, "filesystems": null}',
        '{"blockdevices": [{}], "maps": [{}], "report": [{}], "filesystems": [{}]}',
        '{"blockdevices": [{"type": "disk", "size": "many", "mountpoints": null}]}',
        '{"smart_status": [], "smartctl": 3, "temperature": "hot"}',
        '{"smart_status": {"passed": true}, "ata_smart_attributes": {"table": [1, {"id": "x"}]}}',
        '{"report": [{"vg": [{"vg_name": "a", "vg_size": null}], "pv": [{}], "lv": [{}]}]}',
    ],
)
def test_answers_with_holes_are_no_traceback(parse: Callable[[str], object], text: str) -> None:
    parse(text)


@pytest.mark.parametrize("parse", [PARSERS["lsblk"], PARSERS["multipathd"], PARSERS["vgs"]])
def test_lists_that_are_none_are_a_failure(parse: Callable[[str], object]) -> None:
    text = '{"blockdevices": {"a": 1}, "maps": "x", "report": 7}'
    with pytest.raises(Failure, match="does not understand"):
        parse(text)


def test_a_volume_on_a_disk_that_was_pulled_is_cut_off() -> None:
    groups = lvm.parse_groups(answer("vgs.json"), answer("pvs.json"), answer("lvs.json"))
    names = {device_mapper_name(v.group, v.name): v for group in groups for v in group.volumes}
    first, *others = names
    open_on = "".join(f"{name}: 1 dependencies\t: (8, 16)\n" for name in others)
    open_on += f"{first}: 2 dependencies\t: (8, 16) (8, 0)\n"
    marked = lvm.with_cut_off(groups, open_on, lambda device: device == "8:16")
    cut_off = [v.name for group in marked for v in group.volumes if v.cut_off]
    assert cut_off == [names[first].name]
    assert lvm.with_cut_off(groups, "No devices found\n") == groups


def test_disks_with_multipath_partitions_and_volumes() -> None:
    links = {"sda": ("/dev/disk/by-id/scsi-1IET", "/dev/disk/by-id/wwn-0x6000"), "vda": ()}
    disks = lsblk.parse_disks(answer("lsblk.json"), links)
    assert [disk.name for disk in disks] == ["sda", "dm-0", "sdb", "vda"]
    path, device, _other, system = disks
    assert path.stable == "/dev/disk/by-id/wwn-0x6000" and path.transport == "iscsi"
    assert path.contents == () and device.kind == "multipath"
    assert device.stable == f"/dev/mapper/{WWID}"
    assert losses_of(device) == ("dm-0: LVM2_member",)
    assert uses_of(path, disks) == ("it holds san-images (lvm on /srv/san)",)
    assert losses_of(system)[2] == "vda2: ext4 “boot” on /boot"
    assert any("slot_a (lvm on /)" in use for use in uses_of(system, disks))
    assert find_disk("/dev/vda", disks) is system and find_disk("sdz", disks) is None
    assert system.vendor == ""


def test_smart_of_disks_that_warn_fail_and_say_nothing() -> None:
    pending = smartctl.parse_smart(answer("smartctl-ata-pending.json"))
    assert (pending.state, pending.reasons) == ("warning", ("8 sectors cannot be read.",))
    assert (pending.hours, pending.temperature) == (34100, 38)
    failing = smartctl.parse_smart(answer("smartctl-nvme-failing.json"))
    assert failing.state == "failed" and failing.wear_percent == 104
    assert failing.reasons[0] == "It says that it is failing."
    assert "It has become unreliable." in failing.reasons
    silent = smartctl.parse_smart(answer("smartctl-virtio.json"))
    assert silent.state == "unknown" and "Unable to detect" in silent.reasons[0]


def test_multipath_devices_with_a_path_that_failed() -> None:
    (device,) = multipathd.parse_maps(answer("multipathd-maps.json"), lambda name: len(name))
    assert (device.name, device.size, device.product) == (WWID, 4, "IET VIRTUAL-DISK")
    assert [(path.device, path.works) for path in device.paths] == [("sda", True), ("sdb", False)]
    assert device.working == 1 and device.paths[1].group == 2
    assert device.paths[0].target == "iqn.2026-01.com.example:disks"


def test_volume_groups() -> None:
    groups = lvm.parse_groups(*(answer(f"{name}.json") for name in ("vgs", "pvs", "lvs")))
    groups = lvm.with_filesystems(
        groups,
        '{"blockdevices": [{"path": "/dev/mapper/flexvdi-slot_a", "fstype": "ext4", '
        '"mountpoints": ["/"]}]}',
    )
    own, san = groups
    assert (own.free, own.extent, own.shared) == (3221225472, 4194304, False)
    assert (own.volumes[0].filesystem, own.volumes[0].mounts) == ("ext4", ("/",))
    assert own.volumes[1].data_percent == 12.34 and not own.volumes[1].active
    assert san.shared and san.missing == 1


def test_the_table_of_mounts() -> None:
    table = findmnt.parse_mounts(answer("findmnt.json"))
    assert [mounted.read_only for mounted in table] == [False, False, False, True]


def test_exports() -> None:
    exports = nfs.parse_exports(
        "/export/images 10.0.0.0/8,nas.lab\n/export/isos   *\n/alone\nnonsense here\n"
    )
    assert [(export.path, export.clients) for export in exports] == [
        ("/export/images", ("10.0.0.0/8", "nas.lab")),
        ("/export/isos", ()),
        ("/alone", ()),
    ]


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("mount.nfs: access denied by server while mounting nas:/a", "does not let this host"),
        (
            "mount.nfs: mounting nas:/a failed, reason given by server: No such file or directory",
            "nas",
        ),
        ("mount.nfs: Connection timed out", "does not answer"),
        ("mount.nfs: Protocol not supported", "version of NFS"),
        ("mount.nfs: Failed to resolve server nas: Name or service not known", "resolved"),
        ("mount: /srv/a: wrong fs type, bad option, bad superblock on /dev/sdc1", "damaged"),
        ("Timed out waiting for device /dev/disk/by-id/x. Dependency failed", "is not there"),
        ("mount: something new", "something new"),
        ("", "gave no reason"),
    ],
)
def test_what_mount_says_is_explained(said: str, cause: str) -> None:
    failure = mount_failure("nas:/a", said)
    assert cause in failure.cause and failure.remedy


def test_discovered_targets_are_put_together() -> None:
    text = (
        "10.0.5.1:3260,1 iqn.2026-01.com.example:disks\n"
        "10.0.6.1:3260,2 iqn.2026-01.com.example:disks\n"
        "[fd00:5::1]:3260,1 iqn.2026-01.com.example:isos\n"
        "10.0.5.1:3260,1 iqn.2026-01.com.example:disks\n"
        "iscsiadm: some remark\nbad:port,1 iqn.x\n"
    )
    first, second = iscsiadm.parse_discovered(text)
    assert first.portals == ("10.0.5.1:3260", "10.0.6.1:3260")
    assert second.portals == ("[fd00:5::1]:3260",)


CHAP = Chap(
    username="host3",
    password="abcdefghijkl",
    target_username="array",
    target_password="mnopqrstuvwx",
)


def test_a_record_is_changed_where_the_document_decides_and_nowhere_else() -> None:
    before = answer("st_config")
    with_chap = changed_record(before, discovery_settings(CHAP))
    settings = parse_record(with_chap)
    assert settings["discovery.sendtargets.auth.password"] == "abcdefghijkl"
    assert settings["discovery.sendtargets.auth.password_in"] == "mnopqrstuvwx"
    assert settings["discovery.startup"] == "manual"
    assert with_chap.rstrip().endswith("# END RECORD")
    without = parse_record(changed_record(with_chap, discovery_settings(None)))
    assert without["discovery.sendtargets.auth.authmethod"] == "None"
    assert not any("password" in name or "username" in name for name in without)
    assert parse_record("") == {} and "a = b" in changed_record("", {"a": "b"})


def test_records_are_found_and_readable_by_root_only(tmp_path: Path) -> None:
    files = RecordFiles(tmp_path)
    assert list(files.addresses()) == [] and files.node(NodeAddress("iqn.a", "h:1")) is None
    for portal, name in (("10.0.5.1,3260,1", "default"), ("fd00::1,3260,2", "flexvdi-eno3")):
        write_record(tmp_path / "nodes/iqn.2026-01.a:b" / portal / name, "# BEGIN\n# END RECORD\n")
    (tmp_path / "nodes/iqn.2026-01.a:b/strange").mkdir()
    assert list(files.addresses()) == [
        NodeAddress("iqn.2026-01.a:b", "10.0.5.1:3260"),
        NodeAddress("iqn.2026-01.a:b", "[fd00::1]:3260", "flexvdi-eno3"),
    ]
    found = files.node(NodeAddress("iqn.2026-01.a:b", "[fd00::1]:3260", "flexvdi-eno3"))
    assert found is not None and found.stat().st_mode & 0o777 == 0o600


def test_a_record_without_a_group_gets_a_folder_where_others_have_room(tmp_path: Path) -> None:
    files, portal = RecordFiles(tmp_path), tmp_path / "nodes/iqn.2026-01.a:b/10.0.5.1,3260"
    first = NodeAddress("iqn.2026-01.a:b", "10.0.5.1:3260", "flexvdi-eno3")
    text = "# BEGIN\niface.iscsi_ifacename = flexvdi-eno3\nnode.tpgt = -1\n# END RECORD\n"
    write_record(portal, text)
    assert files.without_group(first) == portal and files.portal_group(first) is None
    files.give_group(portal, 3)
    found = files.node(first)
    assert found == Path(f"{portal},3/flexvdi-eno3") and found.stat().st_mode & 0o777 == 0o600
    assert parse_record(found.read_text())["node.tpgt"] == "3"
    assert files.without_group(first) is None and files.portal_group(first) == 3
    assert list(files.addresses()) == [first]
    write_record(portal, text)  # as if killed in between
    files.give_group(portal, 3)
    assert list(files.addresses()) == [first]


@pytest.mark.parametrize(
    ("text", "tag"),
    [("1", 1), ("0", 0), ("65535", 65535), ("65536", None), ("-1", None), ("", None), ("x", None)],
)
def test_a_portal_group_that_is_not_known_is_none(text: str, tag: int | None) -> None:
    assert iscsi_sessions.portal_group_tag(text) == tag


def test_a_record_shows_no_secret() -> None:
    record = NodeRecord(
        NodeAddress("iqn.a", "h:1"), {"node.session.auth.password": "hush-hush-hush"}
    )
    assert "hush" not in repr(record)


def failed(status: int, said: str) -> ProcessFailed:
    completed = Completed(("iscsiadm",), status, "", said, 0.1)
    return ProcessFailed(completed, "iscsiadm failed", "look")


@pytest.mark.parametrize(
    ("status", "said", "cause"),
    [
        (24, "initiator failed authorization", "refuses the user name or secret"),
        (19, "login failed to authenticate with target", "refuses the user name or secret"),
        (21, "No portals found", "offers this host no targets"),
        (11, "iSCSI PDU timed out", "does not speak iSCSI"),
        (4, "connection problem", "does not speak iSCSI"),
        (12, "driver tcp is not loaded", "no iSCSI over TCP"),
        (20, "can not connect to iSCSI daemon", "daemon does not answer"),
        (5, "iSCSI login failed", "refuses the log-in"),
        (1, "something", "iscsiadm failed"),
    ],
)
def test_exit_statuses_of_a_discovery_are_explained(status: int, said: str, cause: str) -> None:
    failure = iscsiadm.discovery_failure("10.0.5.1:3260", CHAP, failed(status, said))
    assert cause in failure.cause and failure.remedy
    assert "abcdefghijkl" not in str(failure)


def test_a_portal_that_wants_chap_says_so_when_none_was_given() -> None:
    failure = iscsiadm.discovery_failure("p", None, failed(24, "authorization failure"))
    assert "none was given" in failure.cause


def test_exit_statuses_of_a_log_in_are_explained() -> None:
    address = NodeAddress("iqn.a", "10.0.5.1:3260")
    for status, said, cause in (
        (24, "authorization failure", "refuses the user name or secret"),
        (21, "No records found", "no record of iqn.a"),
        (8, "timer expired", "does not speak iSCSI"),
    ):
        assert cause in iscsiadm.login_failure(address, failed(status, said)).cause


def sysfs(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{text}\n")
    return root


def test_sessions_from_sysfs(tmp_path: Path) -> None:
    root = sysfs(
        tmp_path,
        {
            "class/iscsi_session/session2/targetname": "iqn.2026-01.com.example:disks",
            "class/iscsi_session/session2/state": "FAILED",
            "class/iscsi_session/session2/ifacename": "flexvdi-eno3",
            "class/iscsi_session/session2/device/target3:0:0/3:0:0:1/block/sdb/size": "1",
            "class/iscsi_session/session10/targetname": "iqn.2026-01.com.example:disks",
            "class/iscsi_session/session10/state": "LOGGED_IN",
            "class/iscsi_session/session10/ifacename": "default",
            "class/iscsi_session/session10/tpgt": "2",
            "class/iscsi_connection/connection2:0/persistent_address": "fd00::1",
            "class/iscsi_connection/connection2:0/persistent_port": "3260",
            "class/iscsi_connection/connection10:0/persistent_address": "(null)",
            "class/iscsi_connection/connection10:0/address": "10.0.5.1",
            "class/iscsi_connection/connection10:0/port": "3260",
        },
    )
    failed_one, good = iscsi_sessions.read_sessions(root)
    assert (failed_one.portal, failed_one.disks, failed_one.works) == (
        "[fd00::1]:3260",
        ("sdb",),
        False,
    )
    assert (good.id, good.portal, good.works) == (10, "10.0.5.1:3260", True)
    assert iscsi_sessions.read_sessions(tmp_path / "none") == ()
    assert iscsi_sessions.read_portal_group(good.target, good.portal, root) == 2
    assert iscsi_sessions.read_portal_group(good.target, failed_one.portal, root) is None
    address = NodeAddress(failed_one.target, failed_one.portal, "flexvdi-eno3")
    assert iscsiadm.session_is(failed_one, address)


def test_adapters_from_sysfs(tmp_path: Path) -> None:
    root = sysfs(
        tmp_path,
        {
            "class/scsi_host/host0/proc_name": "ahci",
            "class/scsi_host/host10/proc_name": "lpfc",
            "class/fc_host/host10/port_name": "0x1000001091d2a01f",
            "class/fc_host/host10/node_name": "0x2000001091d2a01f",
            "class/fc_host/host10/port_state": "Linkdown",
            "class/fc_host/host10/speed": "16 Gbit",
            "class/scsi_host/host2/proc_name": "mpt3sas",
            "class/scsi_host/host2/host_sas_address": "0x500605b00abc1230",
            "class/sas_host/host2/uevent": "",
            "class/scsi_host/host3/proc_name": "iscsi_tcp",
            "class/iscsi_host/host3/uevent": "",
        },
    )
    found = adapters.read_adapters(root)
    assert [adapter.kind for adapter in found] == ["other", "sas", "iscsi", "fc"]
    assert found[3].address == "10:00:00:10:91:d2:a0:1f" and found[3].state == "Linkdown"
    assert adapters.read_adapters(tmp_path / "none") == ()


def test_links_of_udev_are_found_by_device(tmp_path: Path) -> None:
    (tmp_path / "by-id").mkdir()
    (tmp_path / "by-id/wwn-0x1").symlink_to("../../sda")
    (tmp_path / "by-id/ata-X").symlink_to("../../sda")
    assert [Path(link).name for link in lsblk.names_by_device(tmp_path)["sda"]] == [
        "ata-X",
        "wwn-0x1",
    ]
    assert lsblk.names_by_device(tmp_path / "none") == {}


def test_a_pool_is_written_and_read() -> None:
    xml = pools.pool_xml("a&b", "/srv/a")
    assert pools.parse_pool(xml) == ("dir", "/srv/a")
