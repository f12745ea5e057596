"""Errors that nobody expected: the system's own are told with a remedy, defects are logged."""

from __future__ import annotations

import errno
import logging
import os
from pathlib import Path

import pytest

from foundation.command_line import EXIT_FAILED, ScreenFormatter, run_command
from foundation.failure import Failure
from foundation.unexpected import as_failure

log = logging.getLogger("flexvdi.trial")


def test_a_failure_stays_as_it_is() -> None:
    failure = Failure("Cause.", "Remedy.")
    assert as_failure(failure, log) is failure


def test_a_full_device_has_a_remedy(caplog: pytest.LogCaptureFixture) -> None:
    """/dev/full answers every write as a full disk does."""
    with pytest.raises(OSError) as caught, Path("/dev/full").open("w") as stream:
        stream.write("x")
        stream.flush()
    failure = as_failure(caught.value, log)
    assert "no space left" in failure.cause and failure.remedy
    assert not caplog.records, "it is no defect"


def test_the_place_is_named_where_it_is_known() -> None:
    error = OSError(errno.EROFS, os.strerror(errno.EROFS), "/etc/flexvdi/host.yaml")
    assert "(/etc/flexvdi/host.yaml)" in as_failure(error, log).cause


def test_a_defect_is_logged_and_its_words_are_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    failure = as_failure(ValueError("may hold a secret"), log)
    assert "ValueError" in failure.cause and "may hold" not in str(failure)
    assert caplog.records[0].exc_info is not None


def test_a_full_disk_ends_a_command_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def main(_arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/var/lib/flexvdi/jobs/1.jsonl")

    assert run_command(main, []) == EXIT_FAILED
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1 and "no space left" in said


def test_a_command_tells_the_details_below_the_line_and_only_their_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = "\n".join(f"line {number}" for number in range(100))

    def main(_arguments: object) -> None:
        raise Failure("It is broken.", "Mend it.", details=f"{said}\n", log="/var/log/it")

    assert run_command(main, []) == EXIT_FAILED
    first, *shown, last = capsys.readouterr().err.splitlines()
    assert first.endswith(": It is broken. Mend it.") and last.endswith("/var/log/it")
    assert shown == [f"    line {number}" for number in range(88, 100)]


def test_no_traceback_reaches_the_screen(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = logging.StreamHandler()
    lines.setFormatter(ScreenFormatter("%(name)s: %(message)s"))
    monkeypatch.setattr(logging.getLogger(), "handlers", [lines])
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def main(_arguments: object) -> None:
        raise KeyError("a defect")

    assert run_command(main, []) == EXIT_FAILED
    said = capsys.readouterr().err
    assert "Traceback" not in said and "defect in this program" in said
    (kept,) = tmp_path.iterdir()
    assert "Traceback" in kept.read_text()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "not-there"))
    assert run_command(main, []) == EXIT_FAILED
    assert "details are in the journal" in capsys.readouterr().err
