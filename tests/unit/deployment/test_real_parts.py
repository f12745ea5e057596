"""The real backend's own work on files: sparse copies, packing, trials; and who a Manager is."""

from __future__ import annotations

import hashlib
import http.server
import os
import shutil
import socket
import tarfile
from pathlib import Path
from threading import Event

import pytest

from foundation.failure import Cancelled, Failure
from host.backends.real.manager import link
from host.backends.real.manager.capacity import RealCapacity
from host.backends.real.manager.images import RealImages
from host.backends.real.manager.link import RealManagerLink, _trusting
from host.backends.real.manager.name_service import RealNameService
from host.backends.real.manager.sparse_copy import copy_sparse, data_extents

MIB = 1 << 20
IMAGES = RealImages()


def nothing(_done: int, _total: int) -> None:
    return


@pytest.fixture
def sparse(tmp_path: Path) -> Path:
    """Two pieces of data in 64 MiB, with a hole before, between and behind them."""
    path = tmp_path / "image"
    with path.open("wb") as stream:
        stream.truncate(64 * MIB)
        for place in (8, 40):
            stream.seek(place * MIB)
            stream.write(os.urandom(2 * MIB))
    return path


def test_a_copy_has_the_same_bytes_and_the_same_holes(sparse: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    target = tmp_path / "target"
    IMAGES.copy(str(sparse), str(target), lambda done, total: told.append((done, total)))
    assert target.read_bytes() == sparse.read_bytes()
    assert target.stat().st_blocks <= sparse.stat().st_blocks + 64
    assert told[0][0] == 0 and told[-1] == (4 * MIB, 4 * MIB)
    assert target.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("size", [0, 1, 4096, 3 * MIB + 1])
def test_a_file_without_holes_is_copied_whole(tmp_path: Path, size: int) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(size))
    copy_sparse(source, target, nothing)
    assert target.read_bytes() == source.read_bytes()


def test_where_the_kernel_cannot_copy_bytes_are_read_and_written(
    sparse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_arguments: object) -> int:
        raise OSError(18, "cross-device link")

    monkeypatch.setattr(os, "copy_file_range", refuses)
    copy_sparse(sparse, tmp_path / "target", nothing)
    assert (tmp_path / "target").read_bytes() == sparse.read_bytes()


def test_a_file_of_nothing_but_a_hole_has_no_data(tmp_path: Path) -> None:
    (tmp_path / "hole").touch()
    os.truncate(tmp_path / "hole", MIB)
    with (tmp_path / "hole").open("rb") as stream:
        assert sum(length for _start, length in data_extents(stream.fileno(), MIB)) == 0


def test_a_cancelled_copy_leaves_nothing(sparse: Path, tmp_path: Path) -> None:
    cancel = Event()
    cancel.set()
    with pytest.raises(Cancelled):
        IMAGES.copy(str(sparse), str(tmp_path / "target"), nothing, cancel)
    assert [path.name for path in tmp_path.iterdir()] == ["image"]


@pytest.mark.skipif(shutil.which("qemu-img") is None, reason="needs qemu-img")
def test_images_are_made_grown_and_described(tmp_path: Path) -> None:
    path = str(tmp_path / "data.qcow2")
    assert IMAGES.info(path) is None
    IMAGES.create(path, 32 * MIB)
    IMAGES.grow(path, 64 * MIB)
    info = IMAGES.info(path)
    assert info is not None and (info.format, info.virtual_size) == ("qcow2", 64 * MIB)
    assert info.size < MIB


def test_what_is_packed_is_unpacked_with_its_holes(sparse: Path, tmp_path: Path) -> None:
    small, archive, place = tmp_path / "small", tmp_path / "m.tar", tmp_path / "place"
    small.write_text("descriptor")
    IMAGES.pack(str(archive), {"s.json": str(small), "disk": str(sparse)}, nothing, None)
    assert archive.stat().st_mode & 0o777 == 0o600
    with tarfile.open(archive) as opened:
        assert opened.getnames() == ["s.json", "disk"]
    assert IMAGES.packed(str(archive), "s.json") == b"descriptor"
    IMAGES.make_folder(str(place))
    IMAGES.unpack(str(archive), str(place), ("disk",), nothing, None)
    assert (place / "disk").read_bytes() == sparse.read_bytes()
    assert (place / "disk").stat().st_blocks * 512 <= 16 * MIB
    assert IMAGES.entries(str(place)) == ("disk",)
    with pytest.raises(Failure, match="lacks other"):
        IMAGES.unpack(str(archive), str(place), ("other",), nothing, None)
    for other in (sparse, small):
        with pytest.raises(Failure, match=r"no export|cannot be read"):
            IMAGES.packed(str(other), "s.json")


def test_a_digest_is_that_of_the_bytes(sparse: Path) -> None:
    assert IMAGES.digest(str(sparse), nothing) == hashlib.sha256(sparse.read_bytes()).hexdigest()


def test_a_large_file_is_read_piece_by_piece(tmp_path: Path) -> None:
    path = tmp_path / "backup"
    data = os.urandom(17 * MIB)  # more than a small file may have
    path.write_bytes(data)
    assert IMAGES.size(str(path)) == len(data) and IMAGES.size(str(tmp_path / "none")) is None
    assert b"".join(IMAGES.pieces(str(path))) == data


def test_a_trial_measures_and_leaves_nothing(tmp_path: Path) -> None:
    trial = IMAGES.try_storage(str(tmp_path / "not" / "there" / "yet"))
    assert trial.failed == "" and trial.locks and trial.fsync_seconds >= 0 and trial.free > 0
    assert trial.filesystem and not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/proc/sys").is_dir(), reason="needs /proc")
def test_a_trial_of_what_cannot_be_written_says_so() -> None:
    assert IMAGES.try_storage("/proc/sys").failed


def test_a_write_takes_away_what_a_killed_one_has_left(tmp_path: Path) -> None:
    seed, unfinished = tmp_path / "seed.iso", tmp_path / ".seed.iso.n4jxkmd1"
    unfinished.write_bytes(b"half of it")
    assert IMAGES.entries(str(tmp_path)) == ()  # nothing of it is anybody's
    IMAGES.write(str(seed), b"all of it")
    assert [path.name for path in tmp_path.iterdir()] == ["seed.iso"]


def test_a_folder_with_files_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").touch()
    IMAGES.remove_folder(str(tmp_path / "a"))
    assert (tmp_path / "a" / "file").exists()
    IMAGES.remove(str(tmp_path / "a" / "file"))
    IMAGES.remove_folder(str(tmp_path / "a"))
    assert not (tmp_path / "a").exists()


def test_the_size_of_this_machine_is_known() -> None:
    total, available = RealCapacity().memory()
    assert 0 < available <= total and RealCapacity().processors() >= 1


def test_a_name_that_nobody_knows_has_no_addresses() -> None:
    names = RealNameService()
    assert names.addresses("no-such-name.invalid") == ()
    assert "127.0.0.1" in names.addresses("127.0.0.1")


def test_nobody_answering_is_no_failure_and_no_manager_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(link, "_ANSWERED_WITHIN", 0.1)  # of one that takes connections and is dumb
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert RealManagerLink().health("127.0.0.1", port, "0" * 64) is None
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as plain:
        assert RealManagerLink().health("127.0.0.1", plain.server_port, "0" * 64) is None
    with pytest.raises(Failure, match="no Manager"):
        _trusting("<html>", "0" * 64)
