from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from pydantic import BaseModel

from foundation.atomic_file import write_atomically
from foundation.command_line import OneLineParser, run_command
from foundation.failure import Failure
from foundation.kernel_command_line import KernelCommandLine
from foundation.manifest import Artefact, Manifest, measure, read_manifest, verify_artefact
from foundation.secret import Secret


class Holder(BaseModel):
    secret: Secret


def test_a_secret_is_masked_everywhere_but_in_json() -> None:
    holder = Holder.model_validate({"secret": "hidden"})
    assert "hidden" not in repr(holder) + str(holder) + f"{holder.secret}"
    assert "hidden" not in str(holder.model_dump())
    assert json.loads(holder.model_dump_json()) == {"secret": "hidden"}
    assert Holder.model_validate_json(holder.model_dump_json()) == holder


def test_files_are_replaced_whole_with_their_mode(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    write_atomically(path, "new", 0o600)
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "\udcff")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_kernel_arguments_keep_order_quotes_and_repeats() -> None:
    line = KernelCommandLine.parse('quiet console=tty0 console=ttyS0,115200 inst.ks="http://h/a b"')
    assert line.has("quiet")
    assert line.last("quiet") is None
    assert line.all("console") == ("tty0", "ttyS0,115200")
    assert line.last("inst.ks") == "http://h/a b"
    assert KernelCommandLine.parse('a="b c').last("a") == '"b'


def manifest_for(root: Path, name: str) -> Manifest:
    return Manifest(
        product="flexVDI host",
        version="1",
        base="b",
        base_release="1",
        kernel="6",
        build_id="x",
        source_date_epoch=0,
        image=name,
        unpacked_size=1,
        displays=("spice",),
        artefacts={name: measure(root / name)},
        packages={},
    )


def test_a_flipped_byte_and_a_short_file_are_named(tmp_path: Path) -> None:
    image = tmp_path / "host.squashfs"
    image.write_bytes(b"a" * 3_000_000)
    manifest = manifest_for(tmp_path, image.name)
    seen: list[int] = []
    verify_artefact(manifest, tmp_path, image.name, seen.append)
    assert seen[-1] == 3_000_000
    image.write_bytes(b"a" * 2_999_999 + b"b")
    with pytest.raises(Failure, match=r"host\.squashfs does not match"):
        verify_artefact(manifest, tmp_path, image.name)
    image.write_bytes(b"a" * 10)
    with pytest.raises(Failure, match=r"host\.squashfs is 10 bytes long instead of 3000000"):
        verify_artefact(manifest, tmp_path, image.name)


def test_a_manifest_is_read_back_and_a_damaged_one_refused(tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(b"x")
    manifest = manifest_for(tmp_path, "image")
    path = tmp_path / "manifest.json"
    path.write_text(manifest.model_dump_json())
    assert read_manifest(path) == manifest
    assert manifest.artefacts["image"] == Artefact(
        size=1, sha256=manifest.artefacts["image"].sha256
    )
    path.write_text(path.read_text()[:-5])
    with pytest.raises(Failure, match="damaged"):
        read_manifest(path)
    path.write_text(manifest.model_copy(update={"manifest_version": 99}).model_dump_json())
    with pytest.raises(Failure, match="format 99"):
        read_manifest(path)


def outcome(main: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    status = run_command(main, [])  # type: ignore[arg-type]  # a test passes what it likes
    return status, capsys.readouterr().err


def test_endings_of_commands(capsys: pytest.CaptureFixture[str]) -> None:
    def fails(arguments: Sequence[str]) -> int:
        raise Failure("It broke.", "Mend it.", where="ks.cfg:3", log="/var/log/x")

    def has_a_defect(arguments: Sequence[str]) -> int:
        raise KeyError("surprise")

    status, said = outcome(fails, capsys)
    assert status == 1
    assert "ks.cfg:3: It broke. Mend it." in said
    assert "/var/log/x" in said
    status, said = outcome(has_a_defect, capsys)
    assert status == 1
    assert "Traceback" not in said
    record = Path(said.rsplit(" ", 1)[1].strip())
    assert "surprise" in record.read_text()
    record.unlink()


def test_wrong_arguments_are_one_line_and_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    parser: argparse.ArgumentParser = OneLineParser(prog="flexvdi-x")
    parser.add_argument("--number", type=int)
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["--number", "many"])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("flexvdi-x: ")
