from __future__ import annotations

import os

from foundation.secret import Secret
from host.document.membership import read_join_token
from host.document.model import Access, Administrator, HostDocument
from host.document.system_files import FileContent
from installer.storage.planning import plan_layout
from installer.target.accounts import find_account
from installer.target.fstab import fstab_text
from installer.target.identity import leave_join_token, write_files, write_machine_id
from installer.target.services import set_selinux_mode
from tests.unit.installer_storage.lab_machines import IMAGE, machine, mirrored


def test_fstab_finds_everything_by_uuid_in_the_order_of_mounting():
    layout = plan_layout(mirrored("sda", "sdb"), machine("two-blank-disks"), IMAGE)
    uuids = {f.path: f"uuid-{number}" for number, f in enumerate(layout.filesystems)}
    lines = [line.split() for line in fstab_text(layout, uuids).splitlines()[1:]]
    assert [line[1] for line in lines] == ["/", "/boot", "/var", "/boot/efi", "none"]
    assert all(line[0].startswith("UUID=uuid-") for line in lines)
    by_place = {line[1]: line for line in lines}
    assert by_place["/"][5] == "1"
    assert by_place["/var"][2:] == ["xfs", "defaults", "0", "0"]
    assert by_place["none"][2] == "swap"


def test_the_esp_may_be_missing_with_its_disk():
    layout = plan_layout(mirrored("sda", "sdb"), machine("two-blank-disks"), IMAGE)
    uuids = {f.path: "u" for f in layout.filesystems}
    line = next(t for t in fstab_text(layout, uuids).splitlines() if " /boot/efi " in t)
    assert "nofail" in line


def test_a_machine_id_is_given_once(tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/machine-id").write_text("")
    write_machine_id(tmp_path)
    first = (tmp_path / "etc/machine-id").read_text()
    write_machine_id(tmp_path)
    assert (tmp_path / "etc/machine-id").read_text() == first
    assert len(first.strip()) == 32


def test_a_join_token_is_left_for_the_agent_alone(tmp_path):
    leave_join_token(tmp_path, None)
    assert list(tmp_path.iterdir()) == []
    leave_join_token(tmp_path, Secret("ABCDEFGHIJKLMNOPQRSTUVWX"))
    left = tmp_path / "etc/flexvdi/agent/join-token"
    assert read_join_token(left.read_text()) == (Secret("ABCDEFGHIJKLMNOPQRSTUVWX"), False)
    assert left.stat().st_mode & 0o777 == 0o600
    leave_join_token(tmp_path, Secret("ABCDEFGHIJKLMNOPQRSTUVWX"), replace=True)
    assert read_join_token(left.read_text()) == (Secret("ABCDEFGHIJKLMNOPQRSTUVWX"), True)


def test_files_replace_links_instead_of_writing_through_them(tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("untouched")
    target = tmp_path / "target"
    (target / "etc").mkdir(parents=True)
    (target / "etc/hostname").symlink_to(outside)
    write_files(
        target,
        {
            "etc/hostname": FileContent("new\n"),
            "etc/localtime": FileContent(link="../usr/share/zoneinfo/UTC"),
        },
    )
    assert outside.read_text() == "untouched"
    assert (target / "etc/hostname").read_text() == "new\n"
    assert (target / "etc/localtime").is_symlink()


def test_what_the_image_has_already_keeps_its_time(tmp_path):
    for name, text, mode in (
        ("same", "x\n", 0o644),
        ("other", "y\n", 0o644),
        ("open", "x\n", 0o666),
    ):
        path = tmp_path / name
        path.write_text(text)
        path.chmod(mode)
        os.utime(path, (1, 1))
    write_files(tmp_path, dict.fromkeys(("same", "other", "open"), FileContent("x\n")))
    assert (tmp_path / "same").stat().st_mtime == 1
    for name in ("other", "open"):
        assert (tmp_path / name).stat().st_mtime != 1
        assert (tmp_path / name).read_text() == "x\n"
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o644


def test_network_profiles_of_an_earlier_run_go(tmp_path):
    folder = tmp_path / "etc/NetworkManager/system-connections"
    folder.mkdir(parents=True)
    (folder / "flexvdi-old.nmconnection").write_text("")
    (folder / "site.nmconnection").write_text("")
    name = "etc/NetworkManager/system-connections/flexvdi-eth0.nmconnection"
    write_files(tmp_path, {name: FileContent("x", 0o600)})
    assert sorted(p.name for p in folder.iterdir()) == [
        "flexvdi-eth0.nmconnection",
        "site.nmconnection",
    ]
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_selinux_mode_is_set_where_there_is_selinux(tmp_path):
    set_selinux_mode(tmp_path, "enforcing")
    assert list(tmp_path.iterdir()) == []
    configuration = tmp_path / "etc/selinux/config"
    configuration.parent.mkdir(parents=True)
    configuration.write_text("# SELINUX= is explained above\nSELINUX=permissive\nSELINUXTYPE=x\n")
    set_selinux_mode(tmp_path, "enforcing")
    assert "\nSELINUX=enforcing\nSELINUXTYPE=x\n" in configuration.read_text()


def test_accounts_are_found_in_the_targets_own_passwd(tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text(
        "root:x:0:0::/root:/bin/sh\nada:x:1000:1001::/home/ada:/b\n"
    )
    found = find_account(tmp_path, "ada")
    assert found is not None
    assert (found.uid, found.gid, found.home) == (1000, 1001, "/home/ada")
    assert find_account(tmp_path, "nobody") is None


def test_a_document_can_name_administrators_without_a_user_line():
    administrator = Administrator(name="ada", password_hash=Secret("$6$x"))
    document = HostDocument(access=Access(administrators=(administrator,)))
    from installer.target.accounts import people

    class Context:
        class plan:
            users = ()

    Context.plan.document = document
    (user,) = people(Context)
    assert user.groups == ("wheel",)
    assert user.crypted
