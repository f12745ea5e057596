"""Finding files in ISO images, compared with what went into them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.failure import Failure
from foundation.process import run
from iso import iso9660

NAME = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}", fullmatch=True)
TREES = st.dictionaries(
    st.lists(NAME, min_size=1, max_size=3).map("/".join),
    st.binary(max_size=5000),
    min_size=1,
    max_size=12,
)


def read(path: Path) -> dict[str, bytes]:
    contents = {}
    with path.open("rb") as stream:
        for name, extent in iso9660.files(stream).items():
            stream.seek(extent.offset)
            contents[name] = stream.read(extent.size)
    return contents


def write(folder: Path, tree: dict[str, bytes]) -> dict[str, bytes]:
    written = {}
    for name, content in tree.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError:  # the name of a file that exists as a folder, or the other way round
            continue
        written[name] = content
    return written


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TREES)
def test_every_file_is_found(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("tree")
    stage, iso = folder / "stage", folder / "x.iso"
    stage.mkdir()
    written = write(stage, tree)
    run(["xorriso", "-as", "mkisofs", "-quiet", "-R", "-J", "-o", str(iso), str(stage)])
    assert read(iso) == written


def test_folders_of_many_sectors_are_read_whole(tmp_path: Path) -> None:
    stage, iso = tmp_path / "stage", tmp_path / "x.iso"
    stage.mkdir()
    names = [f"file-with-a-rather-long-name-{number:04}.txt" for number in range(200)]
    for name in names:
        (stage / name).write_text(name)
    run(["xorriso", "-as", "mkisofs", "-quiet", "-R", "-o", str(iso), str(stage)])
    assert read(iso) == {name: name.encode() for name in names}


def test_the_volume_and_the_appended_partition_are_found(
    medium: Path, pristine_medium: Path
) -> None:
    esp = (pristine_medium.parent / "esp.img").read_bytes()
    with medium.open("rb") as stream:
        assert iso9660.read_volume(stream).label == "FLEXVDI-TEST"
        appended = iso9660.gpt_partitions(stream)[1]
        stream.seek(appended.offset)
        assert stream.read(len(esp)) == esp


@pytest.mark.parametrize("content", [b"", b"text", bytes(64 * 1024)])
def test_other_files_are_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    with path.open("rb") as stream, pytest.raises(Failure, match=r"photo\.jpg is not an ISO image"):
        iso9660.files(stream)


def test_damaged_directories_are_refused(medium: Path) -> None:
    with medium.open("r+b") as stream:
        root = iso9660.read_volume(stream).root
        stream.seek(root.offset)
        stream.write(b"\xff" * 1000)
        stream.flush()
        with pytest.raises(Failure, match="damaged"):
            iso9660.files(stream)
