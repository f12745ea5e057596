"""The storage section of a host document: what is taken, and what is said about what is not."""

from __future__ import annotations

import pytest

from foundation.secret import Secret
from host.document import storage_names as names
from host.document.model import HostDocument
from host.document.reading import DocumentInvalid, parse_document
from host.document.storage import FilesystemMount, Storage
from host.document.writing import document_text

WHOLE = """\
storage:
  iscsi:
    initiator_name: iqn.2026-01.com.example:host3
    interfaces: [eno3]
    portals:
    - address: 10.0.5.1
      chap: {username: finder, password: abcdefghijkl}
    targets:
    - name: iqn.2026-01.com.example:disks
      portals: [10.0.5.1, "[fd00::1]:3261"]
      chap:
        username: host3
        password: abcdefghijkl
        target_username: array
        target_password: mnopqrstuvwx
  multipath:
    enabled: true
    aliases:
    - {name: images, wwid: 36001405a1b2c3d4e}
  volume_groups:
  - name: data
    disks: [/dev/disk/by-id/wwn-0x5000c500a1b2c3d4]
    volumes:
    - {name: local, size: 500 GiB, filesystem: xfs, path: /srv/local, purpose: image-storage}
    - {name: swap2, size: rest}
  mounts:
  - {kind: nfs, name: images, source: "nas:/export/images/", path: /srv/images,
     purpose: image-storage, options: [nconnect=4]}
  - {kind: directory, name: isos, path: /srv/isos, purpose: media-storage}
"""


def problem_of(text: str) -> str:
    with pytest.raises(DocumentInvalid) as caught:
        parse_document("storage:\n" + text, "host.yaml")
    return str(caught.value)


def test_a_whole_section_is_read_and_written_and_read_again() -> None:
    document = parse_document(WHOLE, "host.yaml")
    storage = document.storage
    assert storage.iscsi.targets[0].portals == ("10.0.5.1:3260", "[fd00::1]:3261")
    assert [mount.path for mount in storage.all_mounts()] == [
        "/srv/images",
        "/srv/isos",
        "/srv/local",
    ]
    of_volume = list(storage.all_mounts())[-1]
    assert isinstance(of_volume, FilesystemMount)
    assert (of_volume.name, of_volume.source) == ("data-local", "/dev/mapper/data-local")
    assert parse_document(document_text(document), "again") == document


def test_secrets_are_masked_where_they_are_shown() -> None:
    document = parse_document(WHOLE, "host.yaml")
    for shown in (document_text(document, show_secrets=False), repr(document)):
        assert "abcdefghijkl" not in shown and "mnopqrstuvwx" not in shown
    assert document.storage.iscsi.portals[0].chap is not None
    assert document.storage.iscsi.portals[0].chap.password == Secret("abcdefghijkl")


def test_an_empty_document_has_empty_storage() -> None:
    assert HostDocument().storage == Storage()
    assert "storage" not in document_text(HostDocument())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  iscsi:\n    initiatorname: iqn.2026-01.a:b\n", "did you mean `initiator_name`"),
        ("  iscsi:\n    initiator_name: iqn.2026-13.com.example\n", "13 is no month"),
        (
            "  iscsi:\n    targets:\n    - {name: iqn.2026-01.a.b, portals: []}\n",
            "one portal at least",
        ),
        ("  iscsi:\n    portals:\n    - address: 10.0.0.256\n", "not an IPv4 address"),
        (
            "  iscsi:\n    portals:\n    - {address: a, chap: {username: x, password: short}}\n",
            "12 to 16 characters, and this one has 5",
        ),
        ("  multipath: {no_path_retry: sometimes}\n", "fail, queue, or a number"),
        ("  mounts:\n  - {kind: nfz, name: a, path: /srv/a}\n", "nfs, filesystem, directory"),
        (
            "  mounts:\n  - {kind: nfs, name: a, source: nas, path: /srv/a}\n",
            "server:/export/images",
        ),
        (
            "  mounts:\n  - {kind: nfs, name: a, source: 'n:/e', path: /srv/a, options: [ro]}\n",
            "read_only: true",
        ),
        (
            "  mounts:\n  - {kind: directory, name: a, path: /srv/a}\n"
            "  - {kind: directory, name: b, path: /srv/a/}\n",
            "the mount point /srv/a is given 2 times",
        ),
        (
            "  volume_groups:\n  - name: data\n    disks: [/dev/sdb]\n",
            "another disk after the next boot",
        ),
        (
            "  volume_groups:\n  - name: data\n    disks: [/dev/disk/by-id/x]\n"
            "    volumes:\n    - {name: v, size: 10 GiB, path: /srv/v}\n",
            "needs a filesystem",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, said: str) -> None:
    problem = problem_of(text)
    assert said in problem
    assert problem.startswith("host.yaml:")


def test_the_secret_that_is_refused_is_not_repeated() -> None:
    text = "  iscsi:\n    portals:\n    - {address: a, chap: {username: x, password: hush-hush}}\n"
    with pytest.raises(DocumentInvalid) as caught:
        parse_document("storage:\n" + text, "host.yaml")
    causes = [caught.value, caught.value.__cause__]
    assert not any("hush-hush" in f"{cause!r} {cause}" for cause in causes)


def test_both_secrets_must_differ() -> None:
    chap = "{username: a, password: abcdefghijkl, target_username: b, "
    text = f"  iscsi:\n    portals:\n    - address: x\n      chap: {chap}"
    assert "must differ" in problem_of(text + "target_password: abcdefghijkl}\n")
    assert "both its user name and its secret" in problem_of(text.rstrip(", ") + "}\n")


@pytest.mark.parametrize(
    ("given", "usual"),
    [
        ("iqn.2026-01.com.Example:Disk_1", "iqn.2026-01.com.example:disk_1"),
        ("eui.0123456789ABCDEF", "eui.0123456789abcdef"),
        ("naa.60014051a2b3c4d5", "naa.60014051a2b3c4d5"),
    ],
)
def test_iscsi_names(given: str, usual: str) -> None:
    assert names.check_iscsi_name(given) == usual


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "disk", "iqn", "iqn.26-01.com", "iqn.2026-01.", "iqn.2026-01.com.example:"),
        *("iqn.2026-01.com..x", "iqn.2026-01.com.example:a b", "eui.012", "naa.zz"),
        "iqn.2026-01.com.example:" + "x" * 223,
    ],
)
def test_what_is_no_iscsi_name(wrong: str) -> None:
    with pytest.raises(ValueError):
        names.check_iscsi_name(wrong)


@pytest.mark.parametrize(
    ("given", "usual"),
    [
        ("10.0.0.1", "10.0.0.1:3260"),
        ("san.example.com:860", "san.example.com:860"),
        ("fd00::1", "[fd00::1]:3260"),
        ("[FD00::0:1]:3261", "[fd00::1]:3261"),
        ("[fe80::1%eno1]", "[fe80::1%eno1]:3260"),
    ],
)
def test_portals(given: str, usual: str) -> None:
    assert names.check_portal(given) == usual
    assert names.check_portal(usual) == usual


@pytest.mark.parametrize(
    "wrong",
    ["", ":3260", "10.0.0.1:", "10.0.0.1:0", "10.0.0.1:70000", "[10.0.0.1]:1", "a b", "h:x"],
)
def test_what_is_no_portal(wrong: str) -> None:
    with pytest.raises(ValueError):
        names.check_portal(wrong)


@pytest.mark.parametrize(
    ("size", "number"),
    [("1 GiB", 1 << 30), ("2T", 2 << 40), ("1.5 TiB", 3 << 39), ("800 GB", 800 * 10**9), (42, 42)],
)
def test_sizes(size: str | int, number: int) -> None:
    assert names.parse_size(size) == number


@pytest.mark.parametrize(
    "wrong", ["", "big", "-1 GiB", "1 GiBB", "1,5 GiB", "0x10", "1 MiB", "100"]
)
def test_what_is_no_size_for_a_volume(wrong: str) -> None:
    with pytest.raises(ValueError):
        names.check_volume_size(wrong)


@pytest.mark.parametrize(
    "wrong", ["/", "srv/a", "/srv", "/usr/x", "/etc/x", "/srv/../etc", "/srv/a b", "/dev/sda"]
)
def test_where_nothing_may_be_mounted(wrong: str) -> None:
    with pytest.raises(ValueError):
        names.check_mount_point(wrong)


def test_nfs_sources() -> None:
    assert names.check_nfs_source("[fd00::1]:/a/") == "[fd00::1]:/a"
    assert names.parse_nfs_source("nas.example.com:/") == ("nas.example.com", "/")
    for wrong in ("nas", "nas:a", ":/a", "fd00::1:/a", "nfs://nas/a", "nas:/a b"):
        with pytest.raises(ValueError):
            names.check_nfs_source(wrong)


def test_volume_names() -> None:
    assert names.device_mapper_name("my-data", "a-b") == "my--data-a--b"
    for wrong in ("", ".", "-a", "a b", "snapshot1", "pvmove0", "x_rimage_0", "x_tdata"):
        with pytest.raises(ValueError):
            names.check_logical_volume_name(wrong)


def test_urls() -> None:
    assert names.check_url("https://[fd00::1]:8080/a.iso") == "https://[fd00::1]:8080/a.iso"
    for wrong in ("a.iso", "ftp://h/a", "https://u:p@h/a", "https://", "https://h/a b"):
        with pytest.raises(ValueError):
            names.check_url(wrong)
