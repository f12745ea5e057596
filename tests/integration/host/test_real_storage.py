"""Storage with its real tools: iscsiadm against a real target, NFS exports, units, multipath."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.failure import Failure
from host.backends.real.storage import findmnt, lsblk, nfs
from host.backends.real.storage.disks import RealDisks
from host.document.storage import (
    DirectoryMount,
    Multipath,
    MultipathAlias,
    NFSMount,
    Storage,
)
from host.document.storage_files import mount_units, multipath_settings, unit_name
from tests.integration.host.storage_lab import (
    PORTAL_GROUP,
    PORTALS,
    SECOND_TARGET,
    SESSION,
    TARGET,
    StorageLab,
    missing_programs,
)
from tests.lab.nfs_server import missing_for_nfs, nfs_server, port_mapper
from tests.lab.sockets import free_port, port_listens

SECRET = "planted-secret1"
NOBODY = "192.0.2.1:3999"  # where nobody listens


@pytest.fixture(scope="module")
def lab() -> Iterator[StorageLab]:
    if os.geteuid() != 0 or missing_programs():
        pytest.skip(f"needs root and {', '.join(missing_programs()) or 'nothing else'}")
    lab = StorageLab()
    yield lab
    lab.end()


@pytest.fixture
def chap(lab: StorageLab) -> Iterator[None]:
    """A portal that wants CHAP for discovery."""
    lab.target_admin("account", "new", "--user", "finder", "--password", SECRET)
    lab.target_admin("account", "bind", "--user", "finder")
    yield
    lab.target_admin("account", "unbind", "--user", "finder")
    lab.target_admin("account", "delete", "--user", "finder")


@pytest.mark.parametrize("portal", PORTALS)
def test_targets_are_discovered_with_their_portal(lab: StorageLab, portal: str) -> None:
    """This target names only the portal that was asked."""
    found, _log = lab.discover(portal)
    assert {target["name"] for target in found} == {TARGET, SECOND_TARGET}
    assert [target["portals"] for target in found] == [[portal], [portal]]


def test_discovery_with_chap(lab: StorageLab, chap: None) -> None:
    found, log = lab.discover(PORTALS[0], "finder", SECRET)
    assert len(found) == 2
    assert SECRET not in log and "iscsiadm" in log
    wrong, log = lab.discover(PORTALS[0], "finder", "another-secret")
    assert "refuses the user name or secret" in wrong["cause"] and wrong["remedy"]
    assert "another-secret" not in log
    none, _log = lab.discover(PORTALS[0])
    assert "wants a user name and a secret" in none["cause"]


def test_discovery_leaves_no_record_and_no_secret(lab: StorageLab, chap: None) -> None:
    lab.discover(PORTALS[0], "finder", SECRET)
    listed = lab.run("find", "/etc/iscsi", "-type", "f").stdout.split()
    assert sorted(Path(name).name for name in listed) == ["initiatorname.iscsi", "iscsid.conf"]
    assert lab.run("grep", "--recursive", SECRET, "/etc/iscsi", "/run").returncode == 1


def test_a_portal_that_refuses_and_a_name_that_nobody_knows(lab: StorageLab) -> None:
    refused, _log = lab.discover("127.0.0.1:3999")
    assert "refuses connections to port 3999" in refused["cause"]
    unknown, _log = lab.discover("nowhere.invalid")
    assert "could not be resolved" in unknown["cause"]


def test_a_portal_without_targets(lab: StorageLab) -> None:
    for number in ("1", "2"):
        lab.target_admin("target", "unbind", "--tid", number, "--initiator-address", "ALL")
    try:
        nothing, _log = lab.discover(PORTALS[0])
    finally:
        for number in ("1", "2"):
            lab.target_admin("target", "bind", "--tid", number, "--initiator-address", "ALL")
    assert "offers this host no targets" in nothing["cause"]


def test_a_port_that_speaks_something_else(lab: StorageLab) -> None:
    """A web server, say: it accepts, and what it sends is no iSCSI."""
    server = lab.run(
        "sh",
        "-c",
        "python3 -m http.server --bind 127.0.0.1 3998 >/dev/null 2>&1 & echo $!",
    )
    try:
        while lab.run("bash", "-c", "echo >/dev/tcp/127.0.0.1/3998").returncode:
            pass
        said, _log = lab.discover("127.0.0.1:3998")
    finally:
        lab.run("kill", server.stdout.strip())
    assert said["remedy"]


# --- NFS ---


@pytest.fixture
def exported(tmp_path: Path) -> Iterator[Path]:
    """The folder that a real server exports."""
    if reason := missing_for_nfs():
        pytest.skip(reason)
    with port_mapper(), nfs_server(tmp_path, free_port()) as folder:
        yield folder


def test_a_real_server_tells_its_exports(exported: Path) -> None:
    exports = nfs.read_exports("127.0.0.1")
    assert [(export.path, export.clients) for export in exports] == [(str(exported), ())]


def test_a_server_that_is_not_there_has_a_reason() -> None:
    if port_listens(nfs.NFS_PORT):
        pytest.skip("this machine serves NFS")
    with pytest.raises(Failure, match="serves no NFS"):
        nfs.read_exports("127.0.0.1")
    mount = NFSMount(name="a", path="/srv/a", source="127.0.0.1:/a")
    with pytest.raises(Failure, match="serves no NFS"):
        nfs.try_mount(mount)


# --- what needs no server ---

ODD_PATHS = ("/srv/images", "/srv/a-b/c_d", "/srv/.hidden", "/srv/ñandú", "/var/lib/x@y:z")


@pytest.mark.skipif(shutil.which("systemd-escape") is None, reason="needs systemd")
@pytest.mark.parametrize("path", ODD_PATHS)
def test_units_are_named_as_systemd_names_them(path: str) -> None:
    argv = ["systemd-escape", "--path", "--suffix=mount", path]
    said = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert unit_name(path) == said.stdout.strip()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    nfs_mount = NFSMount(
        name="images",
        path="/srv/images",
        source="nas.example.com:/export/images",
        purpose="image-storage",
        automount=True,
        options=("nconnect=4",),
    )
    bound = DirectoryMount(name="drop", path="/srv/drop", source="/srv/else")
    units = mount_units(Storage(mounts=(nfs_mount, bound)))
    assert len(units) == 3
    files = []
    for name, content in units.items():
        files.append(tmp_path / Path(name).name)
        files[-1].write_text(content.text)
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *map(str, files)],
        capture_output=True,
        text=True,
    )
    complaints = [line for line in said.stderr.splitlines() if str(tmp_path) in line]
    assert complaints == []


@pytest.mark.skipif(
    shutil.which("multipath") is None or os.geteuid() != 0, reason="needs multipath-tools and root"
)
def test_multipath_takes_the_settings(tmp_path: Path) -> None:
    alias = MultipathAlias(name="images", wwid="36001405a1b2c3d4e")
    settings = Multipath(enabled=True, blacklist=("360000000000000001",), aliases=(alias,))
    (tmp_path / "50-flexvdi.conf").write_text(multipath_settings(settings))
    script = (
        "mkdir -p /etc/multipath && mount -t tmpfs none /etc/multipath && "
        "mkdir /etc/multipath/conf.d && "
        'cp "$0" /etc/multipath/conf.d/ && multipath -t'
    )
    said = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, str(tmp_path / "50-flexvdi.conf")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "50-flexvdi.conf" not in said.stderr, "it names the file where it has a complaint"
    for line in ("no_path_retry 12", 'user_friendly_names "no"', 'alias "images"'):
        assert line in said.stdout
    assert re.search(r'find_multipaths "(yes|on)"', said.stdout), "older versions say on"
    assert 'wwid "360000000000000001"' in said.stdout


def test_this_machine_has_disks_and_mounts() -> None:
    assert any(mounted.path == "/" for mounted in findmnt.read_table())
    usage = findmnt.read_usage("/")
    assert usage is not None and 0 < usage.free <= usage.size
    assert findmnt.read_usage("/no/such/folder") is None
    for disk in lsblk.read_disks():
        assert disk.size and disk.path.startswith("/dev/")


def test_iso_images_are_found(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/Win 11.ISO").write_bytes(b"x" * 7)
    (tmp_path / "notes.txt").write_text("no image")
    assert RealDisks().media(str(tmp_path)) == (("sub/Win 11.ISO", 7),)
    assert RealDisks().media(str(tmp_path / "none")) == ()


_MAKE_RECORD = """
from host.backends.real.storage.iscsiadm import RealISCSI
from host.machine.iscsi import NodeAddress, NodeRecord
iscsi = RealISCSI()
address = NodeAddress({target!r}, {portal!r})
record = NodeRecord(address, {{"node.startup": "automatic"}})
iscsi.put_record(record)
assert iscsi.record(address) == record, iscsi.record(address)
assert iscsi.records() == (address,), iscsi.records()
iscsi.remove_record(address)
assert iscsi.record(address) is None and iscsi.records() == ()
"""


def test_a_record_that_iscsiadm_makes_is_found_changed_and_removed(lab: StorageLab) -> None:
    """Of a target whose portal group is not known yet, iscsiadm keeps it in another place."""
    code = _MAKE_RECORD.format(target=TARGET, portal=PORTALS[0])
    done = lab.run(sys.executable, "-c", code)
    assert done.returncode == 0, done.stderr


_SECOND_INTERFACE = """
import sys
from pathlib import Path
from host.backends.real.storage.iscsiadm import RealISCSI
from host.machine.iscsi import NodeAddress, NodeRecord
iscsi = RealISCSI(sys=Path(sys.argv[1]))
group = int(sys.argv[2]) if sys.argv[2:] else None
names = ("default", "flexvdi-eno3", "flexvdi-eno4")
ways = [NodeAddress({target!r}, {portal!r}, name) for name in names]
for number, way in enumerate(ways):
    if number:
        iscsi.put_interface(way.interface, way.interface[-4:])
    known = group if number else None
    iscsi.put_record(NodeRecord(way, {{"node.session.auth.password": f"secret{{number}}"}}, known))
assert sorted(iscsi.records()) == sorted(ways), iscsi.records()
for number, way in enumerate(ways):
    record = iscsi.record(way)
    assert record.settings["node.session.auth.password"] == f"secret{{number}}", way
    assert record.portal_group == 1, way
iscsi.remove_record(ways[1])
assert sorted(iscsi.records()) == sorted((ways[0], ways[2])), iscsi.records()
iscsi.remove_record(ways[0])
iscsi.remove_record(ways[2])
assert iscsi.records() == (), iscsi.records()
"""


@pytest.mark.parametrize("known_by", ["session", "portal", "record"])
def test_records_from_more_interfaces_to_one_portal_stand_side_by_side(
    lab: StorageLab, known_by: str
) -> None:
    """The first one is made without its portal group, as for a target that was never asked.

    Made as plainly, the second would take its place: so the group comes from a session, from the
    portal itself, or from what was known of a record that is put back.
    """
    root = f"/run/{known_by}"
    for name, text in SESSION.items() if known_by == "session" else ():
        lab.run("sh", "-c", f"mkdir -p {root}/{Path(name).parent}; echo {text} >{root}/{name}")
    portal = NOBODY if known_by == "record" else PORTALS[0]
    code = _SECOND_INTERFACE.format(target=TARGET, portal=portal)
    group = (PORTAL_GROUP,) if known_by == "record" else ()
    done = lab.run(sys.executable, "-c", code, root, *group)
    lab.run("rm", "--recursive", "--force", "/etc/iscsi/nodes")
    assert done.returncode == 0, done.stderr


def test_a_record_beside_one_whose_portal_group_nobody_tells_is_refused(lab: StorageLab) -> None:
    code = _SECOND_INTERFACE.format(target=TARGET, portal=NOBODY)
    done = lab.run(sys.executable, "-c", code, "/run/none")
    assert "refuses connections to port 3999" in done.stderr
    kept = lab.run("find", "/etc/iscsi/nodes", "-type", "f").stdout.split()
    assert [Path(name).name for name in kept] == ["192.0.2.1,3999"]
    assert "secret0" in lab.run("cat", *kept).stdout
    lab.run("rm", "--recursive", "/etc/iscsi/nodes", "/etc/iscsi/ifaces")


def test_discovery_goes_where_the_routes_lead_whatever_interfaces_there_are(
    lab: StorageLab,
) -> None:
    code = """if True:
    from host.backends.real.storage.iscsiadm import RealISCSI
    RealISCSI().put_interface("flexvdi-eno9", "eno9")
    """
    assert lab.run(sys.executable, "-c", code).returncode == 0
    found, _log = lab.discover(PORTALS[0])
    lab.run("rm", "--recursive", "/etc/iscsi/ifaces")
    assert len(found) == 2
