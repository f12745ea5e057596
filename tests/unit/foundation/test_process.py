from __future__ import annotations

import sys
import threading

import pytest

from foundation.failure import Cancelled
from foundation.process import ProcessFailed, run
from foundation.secret import MASK, Secret


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_output_status_and_lines_are_collected() -> None:
    lines: list[str] = []
    done = run(
        python("import sys; print('one\\rtwo'); sys.stderr.write('three')"), on_line=lines.append
    )
    assert done.stdout == "one\rtwo\n"
    assert done.stderr == "three"
    assert sorted(lines) == ["one", "three", "two"]


def test_input_larger_than_a_pipe_comes_back_whole() -> None:
    text = "x" * 1_000_000
    done = run(python("import sys; sys.stdout.write(sys.stdin.read())"), input_text=text)
    assert done.stdout == text


def test_a_program_that_does_not_read_its_input_is_no_error() -> None:
    assert run(["/bin/true"], input_text="y" * 1_000_000).returncode == 0


def test_failure_tells_cause_and_remedy() -> None:
    with pytest.raises(ProcessFailed) as caught:
        run(python("import sys; sys.exit('cannot write: No space left on device')"))
    assert "full" in caught.value.cause
    assert caught.value.remedy
    assert "No space left" in caught.value.details


def test_a_missing_program_is_named() -> None:
    with pytest.raises(ProcessFailed, match="no-such-program is not installed"):
        run(["no-such-program"])


def test_a_program_that_hangs_is_ended() -> None:
    with pytest.raises(ProcessFailed, match="did not finish"):
        run(["/bin/sleep", "60"], timeout=0.2)


def test_cancelling_ends_the_whole_process_group() -> None:
    cancel = threading.Event()
    started: list[str] = []

    def on_line(line: str) -> None:
        started.append(line)
        cancel.set()

    with pytest.raises(Cancelled):
        run(["/bin/sh", "-c", "echo started; sleep 60 & wait"], cancel=cancel, on_line=on_line)
    assert started == ["started"]


def test_secrets_do_not_appear_in_output_errors_or_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    secret = Secret("pa55-w0rd")
    with pytest.raises(ProcessFailed) as caught:
        run(["/bin/sh", "-c", "cat >&2; exit 3"], input_text=secret.reveal(), secrets=[secret])
    told = f"{caught.value} {caught.value.details} {caplog.text}"
    assert secret.reveal() not in told
    assert MASK in told


def test_children_get_a_clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    done = run(["/usr/bin/env"])
    assert "LC_ALL=C.UTF-8" in done.stdout
    assert "PYTHONPATH" not in done.stdout
