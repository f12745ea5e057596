"""A kickstart put into a finished ISO, taken out again, and refused when it is not fit."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from foundation.failure import Failure
from iso import embed, iso9660
from iso.environment_block import read_block
from iso.inspect import inspect
from tests.unit.iso.small_medium import extract

KICKSTART = "# ñ\ntext\nreboot\n"


@pytest.fixture
def kickstart(tmp_path: Path) -> Path:
    path = tmp_path / "ks.cfg"
    path.write_text(KICKSTART)
    return path


def state_of(medium: Path) -> embed.Embedded:
    with medium.open("rb") as stream:
        return embed.embedded(stream)


def test_a_fresh_medium_has_none(medium: Path) -> None:
    assert state_of(medium) == embed.Embedded(None, "")


def test_the_kickstart_is_what_a_mounted_medium_shows(
    medium: Path, kickstart: Path, tmp_path: Path
) -> None:
    embed.embed(medium, kickstart, "inst.onerror=halt console=ttyS0,115200")
    shown = extract(medium, "/flexvdi/ks.cfg", tmp_path / "shown")
    assert shown.rstrip(b"\n") == KICKSTART.rstrip("\n").encode()
    settings = read_block(extract(medium, "/flexvdi/boot.env", tmp_path / "env"))
    assert settings["kickstart"] == "yes"
    assert settings["kernel_arguments"] == "inst.onerror=halt console=ttyS0,115200"
    assert state_of(medium).sha256 == hashlib.sha256(KICKSTART.encode()).hexdigest()


def test_the_rest_of_the_medium_stays_as_it_was(
    medium: Path, pristine_medium: Path, kickstart: Path
) -> None:
    embed.embed(medium, kickstart)
    assert inspect(medium, lambda *_: None).damaged == ()
    before, after = pristine_medium.read_bytes(), medium.read_bytes()
    assert len(before) == len(after)
    with medium.open("rb") as stream:
        found = iso9660.files(stream)
    for name in ("flexvdi/ks.cfg", "flexvdi/boot.env"):
        start, end = found[name].offset, found[name].offset + found[name].size
        before = before[:start] + before[end:] if name == "flexvdi/ks.cfg" else before
        after = after[:start] + after[end:] if name == "flexvdi/ks.cfg" else after
    differing = sum(a != b for a, b in zip(before, after, strict=True))
    assert 0 < differing <= found["flexvdi/boot.env"].size


def test_a_shorter_kickstart_leaves_nothing_of_a_longer_one(
    medium: Path, kickstart: Path, tmp_path: Path
) -> None:
    longer = tmp_path / "longer.cfg"
    longer.write_text("# old line\n" * 5000)
    embed.embed(medium, longer)
    embed.embed(medium, kickstart)
    assert state_of(medium).kickstart == KICKSTART
    assert b"old line" not in medium.read_bytes()


def test_removing_restores_the_bytes(medium: Path, pristine_medium: Path, kickstart: Path) -> None:
    embed.embed(medium, kickstart, "x=1")
    embed.remove(medium)
    assert medium.read_bytes() == pristine_medium.read_bytes()


def test_the_largest_kickstart_fits(medium: Path, tmp_path: Path) -> None:
    path = tmp_path / "large.cfg"
    path.write_bytes(b"#" * (embed.KICKSTART_SIZE - 1) + b"\n")
    embed.embed(medium, path)
    assert state_of(medium).kickstart == path.read_text()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"#" * (embed.KICKSTART_SIZE + 1), "has room for"),
        (b"\xef\xbb\xbftext\n", "byte order mark"),
        (b"text\n\0", "NUL"),
        (b"text \xff\n", "not UTF-8"),
    ],
)
def test_unfit_kickstarts_change_nothing(
    medium: Path, pristine_medium: Path, tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "unfit.cfg"
    path.write_bytes(content)
    with pytest.raises(Failure, match=said):
        embed.embed(medium, path)
    assert medium.read_bytes() == pristine_medium.read_bytes()


@pytest.mark.parametrize("arguments", ["a=1\nb=2", "a=ñ", "x" * 2000])
def test_unfit_kernel_arguments_change_nothing(
    medium: Path, pristine_medium: Path, kickstart: Path, arguments: str
) -> None:
    with pytest.raises(Failure):
        embed.embed(medium, kickstart, arguments)
    assert medium.read_bytes() == pristine_medium.read_bytes()


def test_a_missing_kickstart_and_a_foreign_iso_are_refused(
    medium: Path, kickstart: Path, tmp_path: Path
) -> None:
    with pytest.raises(Failure, match="could not be read"):
        embed.embed(medium, tmp_path / "absent.cfg")
    with pytest.raises(Failure, match="could not be changed"):
        embed.embed(tmp_path / "absent.iso", kickstart)
    with pytest.raises(Failure, match="not an ISO image"):
        embed.embed(kickstart, kickstart)


def test_each_embedding_is_another_installation(
    medium: Path, kickstart: Path, tmp_path: Path
) -> None:
    """So that machines are installed once again from a stick that was prepared once again."""
    found = []
    for number in range(2):
        embed.embed(medium, kickstart)
        settings = read_block(extract(medium, "/flexvdi/boot.env", tmp_path / str(number)))
        found.append(settings["installation"])
    assert found[0] != found[1] and all(found)
    embed.remove(medium)
    assert "installation" not in read_block(
        extract(medium, "/flexvdi/boot.env", tmp_path / "removed")
    )
