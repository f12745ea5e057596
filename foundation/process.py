"""The one way this project runs external programs."""

from __future__ import annotations

import logging
import os
import selectors
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from foundation.failure import Cancelled, Failure
from foundation.process_errors import explain
from foundation.secret import Secret, redact

log = logging.getLogger("flexvdi.process")

DEFAULT_TIMEOUT = 120.0
_CLEAN_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "LANG": "C.UTF-8",
}
# What a child may inherit: proxies and certificates for downloads, nothing that changes parsing.
_INHERITED = (
    "HOME",
    "TERM",
    "TMPDIR",
    "SOURCE_DATE_EPOCH",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
)


@dataclass(frozen=True)
class Completed:
    """A finished program: what was run, how it ended, what it said, how long it took (seconds)."""

    argv: tuple[str, ...]
    returncode: int
    stdout: str
    stderr: str
    seconds: float


class ProcessFailed(Failure):
    """A program ended with an error, could not be started, or ran out of time."""

    def __init__(self, completed: Completed, cause: str, remedy: str) -> None:
        """``completed`` stays at hand for callers that look at the exit status."""
        super().__init__(
            cause, remedy, details=completed.stderr[-4000:] or completed.stdout[-4000:]
        )
        self.completed = completed


def run(
    argv: Sequence[str],
    *,
    input_text: str | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    accept: tuple[int, ...] = (0,),
    secrets: Sequence[Secret] = (),
    environment: Mapping[str, str] | None = None,
    working_directory: str | None = None,
    on_line: Callable[[str], None] | None = None,
    cancel: Event | None = None,
) -> Completed:
    """Run ``argv`` to its end and return what it said.

    ``timeout`` is in seconds. Exit statuses outside ``accept`` raise :class:`ProcessFailed` with
    cause and remedy. Secrets belong into ``input_text``; those named in ``secrets`` are masked in
    the log and in errors. ``on_line`` is called with each line of output (stdout and stderr,
    split at newline or carriage return) as it appears. Setting ``cancel`` ends the program's
    whole process group and raises :class:`~foundation.failure.Cancelled`.
    """
    shown = redact(shlex.join(argv), list(secrets))
    log.debug("run: %s", shown)
    started = time.monotonic()
    environ = {**_CLEAN_ENVIRONMENT, **{k: os.environ[k] for k in _INHERITED if k in os.environ}}
    environ.update(environment or {})
    try:
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE if input_text is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environ,
            cwd=working_directory,
            start_new_session=True,
        )
    except OSError as error:
        missing = Completed(tuple(argv), 127, "", str(error), 0.0)
        raise ProcessFailed(missing, *explain(argv[0], 127, str(error))) from error
    try:
        stdout, stderr = _converse(process, input_text, started + timeout, on_line, cancel)
    except subprocess.TimeoutExpired:
        _end(process)
        late = Completed(tuple(argv), -1, "", "", time.monotonic() - started)
        raise ProcessFailed(
            late,
            f"`{shown}` did not finish within {timeout:.0f} s.",
            "The device or service it waits for may be hanging; look at the kernel log.",
        ) from None
    except Cancelled:
        _end(process)
        raise Cancelled(f"running {Path(argv[0]).name}") from None
    except BaseException:
        _end(process)
        raise
    completed = Completed(
        tuple(argv),
        process.wait(),
        redact(stdout, list(secrets)),
        redact(stderr, list(secrets)),
        time.monotonic() - started,
    )
    log.debug("exit %d after %.2f s: %s", completed.returncode, completed.seconds, shown)
    if completed.returncode not in accept:
        log.warning("failed (%d): %s\n%s", completed.returncode, shown, completed.stderr.strip())
        raise ProcessFailed(
            completed, *explain(argv[0], completed.returncode, completed.stderr or completed.stdout)
        )
    return completed


def _converse(
    process: subprocess.Popen[bytes],
    input_text: str | None,
    deadline: float,
    on_line: Callable[[str], None] | None,
    cancel: Event | None,
) -> tuple[str, str]:
    """Feed stdin and collect both outputs until they close; short waits keep cancelling prompt."""
    collected: dict[str, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
    pending: dict[str, bytes] = {"stdout": b"", "stderr": b""}
    to_write = (input_text or "").encode()
    with selectors.DefaultSelector() as selector:
        assert process.stdout and process.stderr
        selector.register(process.stdout, selectors.EVENT_READ, "stdout")
        selector.register(process.stderr, selectors.EVENT_READ, "stderr")
        if process.stdin:
            selector.register(process.stdin, selectors.EVENT_WRITE, "stdin")
        while selector.get_map():
            if cancel is not None and cancel.is_set():
                raise Cancelled("running a program")
            left = deadline - time.monotonic()
            if left <= 0:
                raise subprocess.TimeoutExpired(process.args, 0)
            for key, _ in selector.select(min(left, 0.5)):
                if key.data == "stdin":
                    try:
                        written = os.write(key.fd, to_write[:65536]) if to_write else 0
                    except BrokenPipeError:
                        written, to_write = 0, b""
                    to_write = to_write[written:]
                    if not to_write:
                        selector.unregister(key.fileobj)
                        assert process.stdin
                        process.stdin.close()
                    continue
                chunk = os.read(key.fd, 65536)
                if not chunk:
                    selector.unregister(key.fileobj)
                    if on_line and pending[key.data]:
                        on_line(pending[key.data].decode(errors="replace"))
                    continue
                collected[key.data] += chunk
                if on_line:
                    *lines, pending[key.data] = (
                        (pending[key.data] + chunk).replace(b"\r", b"\n").split(b"\n")
                    )
                    for line in lines:
                        if line:
                            on_line(line.decode(errors="replace"))
    while process.poll() is None:
        if time.monotonic() > deadline:
            raise subprocess.TimeoutExpired(process.args, 0)
        if cancel is not None and cancel.is_set():
            raise Cancelled("running a program")
        try:
            process.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
    return (
        collected["stdout"].decode(errors="replace"),
        collected["stderr"].decode(errors="replace"),
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Terminate the program's process group, and kill what does not listen."""
    for sign, patience in ((signal.SIGTERM, 3.0), (signal.SIGKILL, 3.0)):
        try:
            os.killpg(process.pid, sign)
            process.wait(patience)
            return
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
