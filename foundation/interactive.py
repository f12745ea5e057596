"""Programs that talk with the person at the terminal themselves: a shell, a pager."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence

from foundation.failure import Failure
from foundation.process_errors import explain


def run_interactively(argv: Sequence[str], environment: Mapping[str, str] | None = None) -> int:
    """Run ``argv`` on this process's own terminal until it ends; its exit status.

    Nothing is captured and nothing times out. The keys that interrupt go to the program alone.
    Raises Failure when it cannot be started.
    """
    previous = {
        number: signal.signal(number, signal.SIG_IGN)
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP)
    }
    try:
        return subprocess.run(
            list(argv),
            env={**os.environ, **(environment or {})},
            check=False,
            restore_signals=True,
            preexec_fn=_default_signals,
        ).returncode
    except OSError as error:
        raise Failure(*explain(argv[0], 127, str(error))) from error
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _default_signals() -> None:
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
        signal.signal(number, signal.SIG_DFL)
