"""GRUB's environment block, as GRUB's own editor reads and writes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.failure import Failure
from foundation.process import run
from iso.environment_block import SIZE, read_block, write_block

NAMES = st.from_regex(r"[a-z][a-z_]{0,20}", fullmatch=True)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=100)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_what_is_written_is_read(variables: dict[str, str]) -> None:
    block = write_block(variables)
    assert len(block) == SIZE
    assert read_block(block) == variables


def test_grub_reads_our_block(tmp_path: Path) -> None:
    path = tmp_path / "grubenv"
    path.write_bytes(write_block({"kickstart": "yes", "kernel_arguments": "a=1 b=\\x c=#"}))
    listed = run(["grub-editenv", str(path), "list"]).stdout
    assert listed.splitlines() == ["kickstart=yes", "kernel_arguments=a=1 b=\\x c=#"]


def test_we_read_grubs_block(tmp_path: Path) -> None:
    path = tmp_path / "grubenv"
    run(["grub-editenv", str(path), "create"])
    run(["grub-editenv", str(path), "set", "kernel_arguments=console=ttyS0,115200 x=\\"])
    assert read_block(path.read_bytes()) == {"kernel_arguments": "console=ttyS0,115200 x=\\"}


def test_too_many_arguments_are_refused() -> None:
    with pytest.raises(Failure, match="room for 1024"):
        write_block({"kernel_arguments": "x" * SIZE})


@pytest.mark.parametrize("block", [b"", b"#" * SIZE, write_block({})[:-1]])
def test_a_damaged_block_is_refused(block: bytes) -> None:
    with pytest.raises(Failure):
        read_block(block)
