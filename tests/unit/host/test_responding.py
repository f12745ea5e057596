"""A server that is away is found out by a socket; its mount is not touched."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.failure import Failure
from host.backends.real.manager.images import RealImages
from host.backends.real.storage import findmnt, responding
from host.backends.real.storage.responding import NFSMounted, nfs_mount_of, responds
from host.machine.manager.images import StorageAway

TABLE = """\
/dev/vda2 / xfs rw,relatime 0 0
nas:/a /srv/images nfs4 rw,vers=4.2,hard,proto=tcp,timeo=600,addr=10.0.5.9 0 0
nas:/b /srv/my\\040isos nfs ro,vers=3,proto=tcp6,port=2050,addr=fd00::9 0 0
nas:/c /srv/fast nfs4 rw,proto=rdma,addr=10.0.5.9 0 0
systemd-1 /srv/later autofs rw,direct 0 0
nas:/d /srv/later nfs4 rw,addr=10.0.5.10 0 0
/dev/sdb1 /srv/images/local ext4 rw 0 0
"""
IMAGES = NFSMounted("/srv/images", "10.0.5.9", 2049)


@pytest.mark.parametrize(
    ("path", "mount"),
    [
        ("/srv/images", IMAGES),
        ("/srv/images/a/b.qcow2", IMAGES),
        ("/srv/images/local/a", None),
        ("/srv/images2", None),
        ("/srv", None),
        ("/srv/my isos/win.iso", NFSMounted("/srv/my isos", "fd00::9", 2050)),
        ("/srv/fast/a", None),
        ("/srv/later/a", NFSMounted("/srv/later", "10.0.5.10", 2049)),
    ],
)
def test_the_mount_of_a_path_is_found_without_touching_it(
    path: str, mount: NFSMounted | None
) -> None:
    assert nfs_mount_of(path, TABLE) == mount
    assert nfs_mount_of(path, "") is None


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def mounted_from(port: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The kernel's table, which says that ``folder`` is an NFS mount of a server at ``port``."""
    table = folder.parent / "mounts"
    table.write_text(f"nas:/a {folder} nfs4 rw,proto=tcp,port={port},addr=127.0.0.1 0 0\n")
    monkeypatch.setattr(responding, "_MOUNTS", table)
    monkeypatch.setattr(responding, "_known", {})
    return folder


def test_a_server_that_listens_is_asked(
    server: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "share").mkdir()
    folder = mounted_from(server.getsockname()[1], tmp_path / "share", monkeypatch)
    (folder / "note").write_bytes(b"there")
    assert responds(f"{folder}/note")
    assert findmnt.read_usage(str(folder)) is not None
    assert RealImages().read(f"{folder}/note") == b"there"


def test_a_mount_whose_server_is_away_is_not_touched(
    server: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "share").mkdir()
    (tmp_path / "share/note").write_bytes(b"there, but a real one would hold us")
    port = server.getsockname()[1]
    server.close()
    folder = mounted_from(port, tmp_path / "share", monkeypatch)
    assert not responds(str(folder))
    assert findmnt.read_usage(str(folder)) is None
    images = RealImages()
    for look in (images.read, images.info, images.entries):
        with pytest.raises(StorageAway, match="does not answer") as caught:
            look(f"{folder}/note")
        assert isinstance(caught.value, Failure) and "mounts show" in caught.value.remedy
    assert images.try_storage(str(folder)).failed == "it does not answer"


def test_the_answer_holds_for_a_moment_and_not_longer(
    server: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look at a host asks for many paths; a server that is away is waited for once."""
    (tmp_path / "share").mkdir()
    folder = mounted_from(server.getsockname()[1], tmp_path / "share", monkeypatch)
    now = 1000.0
    monkeypatch.setattr(responding.time, "monotonic", lambda: now)
    assert responds(str(folder))
    server.close()
    assert responds(str(folder)), "the answer is still young"
    now += 60
    assert not responds(str(folder))
