"""The command line: one line for wrong arguments, one for failures, JSON for programs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from iso import command_line


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["flexvdi-iso", *arguments])
    try:
        return command_line.main()
    except SystemExit as ended:
        return int(str(ended.code))


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("bake",),
        ("build",),
        ("build", "--base"),
        ("build", "--base", "debian-12", "--colour", "red"),
        ("embed",),
        ("embed", "x.iso"),
        ("embed", "x.iso", "ks.cfg", "--remove"),
        ("embed", "x.iso", "--remove", "--kernel-arguments", "a"),
        ("inspect",),
        ("bases", "extra"),
    ],
)
def test_wrong_arguments_are_one_line_and_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert call(monkeypatch, *arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_failures_are_one_line_and_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert call(monkeypatch, "inspect", str(tmp_path / "absent.iso")) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_an_unknown_base_is_a_wrong_argument(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "build", "--base", "slackware-3") == 2
    assert "Choose one of: debian-12" in capsys.readouterr().err


def test_building_without_root_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    output, cache = tmp_path / "x.iso", tmp_path / "cache"
    arguments = ["--base", "debian-12", "--output", str(output), "--cache", str(cache)]
    assert call(monkeypatch, "build", *arguments) == 1
    assert "needs root" in capsys.readouterr().err
    assert not output.exists()


def test_bases_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "bases", "--json") == 0
    assert "debian-12" in [base["name"] for base in json.loads(capsys.readouterr().out)]


def test_embed_and_inspect_agree(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    medium: Path,
    tmp_path: Path,
) -> None:
    kickstart = tmp_path / "ks.cfg"
    kickstart.write_text("text\n")
    checksum = medium.with_name("medium.iso.sha256")
    checksum.write_text("outdated\n")
    assert call(monkeypatch, "embed", str(medium), str(kickstart), "--kernel-arguments", "a=1") == 0
    assert not checksum.exists()
    capsys.readouterr()
    assert call(monkeypatch, "inspect", str(medium), "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["kickstart_sha256"] == hashlib.sha256(b"text\n").hexdigest()
    assert shown["kernel_arguments"] == "a=1"
    assert {part["state"] for part in shown["parts"].values()} == {"ok"}
    assert call(monkeypatch, "embed", str(medium), "--remove") == 0
    capsys.readouterr()
    assert call(monkeypatch, "inspect", str(medium)) == 0
    assert "kickstart         none" in capsys.readouterr().out
