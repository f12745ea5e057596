"""An ISO compared with its manifest: what is damaged is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from foundation.failure import Failure
from foundation.process import run
from iso import iso9660
from iso.inspect import inspect


def damaged(medium: Path) -> tuple[str, ...]:
    return inspect(medium, lambda *_: None).damaged


def flip(medium: Path, name: str) -> None:
    with medium.open("r+b") as stream:
        offset = iso9660.files(stream)[name].offset + 5
        stream.seek(offset)
        byte = stream.read(1)[0]
        stream.seek(offset)
        stream.write(bytes([byte ^ 1]))


def test_a_whole_medium_has_no_damage(medium: Path) -> None:
    result = inspect(medium, lambda *_: None)
    assert result.damaged == ()
    assert result.label == "FLEXVDI-TEST"
    assert result.manifest.packages == {"bash": "5.2"}


@pytest.mark.parametrize("name", ["flexvdi/host.squashfs", "boot/grub/grub.cfg"])
def test_one_flipped_bit_is_found(medium: Path, name: str) -> None:
    flip(medium, name)
    assert damaged(medium) == (name,)


def test_damage_outside_the_files_is_found(medium: Path) -> None:
    with medium.open("r+b") as stream:
        stream.seek(iso9660.gpt_partitions(stream)[1].offset)
        stream.write(b"X")
    assert damaged(medium) == ("EFI system partition",)


def test_a_damaged_manifest_is_refused(medium: Path) -> None:
    flip(medium, "flexvdi/manifest.json")
    with pytest.raises(Failure, match=r"manifest\.json does not match"):
        damaged(medium)


def test_a_foreign_iso_is_refused(tmp_path: Path) -> None:
    (tmp_path / "stage").mkdir()
    (tmp_path / "stage/readme").touch()
    iso = tmp_path / "other.iso"
    run(["xorriso", "-as", "mkisofs", "-quiet", "-R", "-o", str(iso), str(tmp_path / "stage")])
    with pytest.raises(Failure, match="not an install medium"):
        damaged(iso)


def test_a_cut_off_medium_is_refused(medium: Path) -> None:
    with medium.open("r+b") as stream:
        extent = iso9660.files(stream)["flexvdi/host.squashfs"]
        stream.truncate(extent.offset + 10)
    with pytest.raises(Failure, match="cut off"):
        damaged(medium)
