"""Reading a kickstart: starts the reader's process and gives back typed values.

The reader is a program of its own (``python -m kickstart.reader``) because pykickstart is
GPL-2.0-only and must not share a process with libparted. Nothing here imports it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from pydantic import TypeAdapter

from foundation.failure import Failure
from foundation.process import Completed, run
from kickstart.install_plan import InstallPlan, Script

_TIMEOUT_SECONDS = 300.0
_SCRIPTS = TypeAdapter(tuple[Script, ...])


class KickstartRefused(Failure):
    """A kickstart that cannot be carried out; ``failures`` holds each reason with its place."""

    def __init__(self, source: str, failures: Sequence[Failure]) -> None:
        """``source`` is the kickstart as people know it: its path or URL."""
        self.failures = tuple(failures)
        first = self.failures[0]
        if len(self.failures) == 1:
            super().__init__(first.cause, first.remedy, where=first.where)
            return
        super().__init__(
            f"{source} has {len(self.failures)} faults.",
            f"The first is: {first}",
            details="\n".join(map(str, self.failures)),
        )


def read_kickstart(
    path: Path | str,
    *,
    origin: str = "",
    kernel_command_line: Path | None = None,
    cancel: Event | None = None,
) -> InstallPlan:
    """The plan that the kickstart at ``path`` describes.

    ``origin`` is the URL it was fetched from, if it was: messages name it, and relative includes
    start from it. ``kernel_command_line`` is the file (``/proc/cmdline``) that tells which port
    ``bootif`` is; without it the plan leaves that open. Raises KickstartRefused with everything
    that is wrong.
    """
    options = (
        ["--kernel-command-line-file", str(kernel_command_line)] if kernel_command_line else []
    )
    answer = _read(path, origin, options, cancel)
    return InstallPlan.model_validate_json(answer.stdout)


def read_pre_scripts(
    path: Path | str, *, origin: str = "", cancel: Event | None = None
) -> tuple[Script, ...]:
    """The %pre scripts alone: they run before the rest is read, and may write what it includes.

    Includes that are not there yet are passed over. Raises KickstartRefused.
    """
    if not _may_hold_scripts(Path(path)):
        return ()
    answer = _read(path, origin, ["--scripts", "pre"], cancel)
    return _SCRIPTS.validate_json(answer.stdout)


def _may_hold_scripts(path: Path) -> bool:
    """Whether there can be a %pre in it or in what it includes; spares a process if not."""
    try:
        text = path.read_bytes()
    except OSError:
        return True  # the reader says what is wrong with it
    return any(word in text for word in (b"%pre", b"%include", b"%ksappend"))


def _read(path: Path | str, origin: str, options: Sequence[str], cancel: Event | None) -> Completed:
    origin_option = [f"--origin={origin}"] if origin else []
    answer = run(
        # -P: a folder called kickstart in the working directory is not ours.
        [sys.executable, "-P", "-m", "kickstart.reader", *options, *origin_option, "--", str(path)],
        timeout=_TIMEOUT_SECONDS,
        accept=(0, 1),
        cancel=cancel,
    )
    if answer.returncode == 0:
        return answer
    lines = answer.stderr.strip().splitlines()
    try:
        told = json.loads(lines[-1])["failures"]
        failures = [Failure(**failure) for failure in told]
    except (IndexError, KeyError, TypeError, ValueError):
        raise Failure(
            "The kickstart reader failed.",
            "This is a defect in the program; its output has the details.",
            details=answer.stderr[-4000:],
        ) from None
    raise KickstartRefused(origin or str(path), failures)
