"""The guard: a timer of systemd's that looks whether a change was left unconfirmed.

It is needed where NetworkManager was restarted, or killed, while it held a checkpoint: it forgets
the checkpoint then, and nothing else would put the network back. A failed attempt is repeated.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from foundation.process import run

_UNIT = "flexvdi-network-guard"
_NOT_LOADED = 5  # systemctl(1): there is no such unit


def arm_guard(seconds: int) -> None:
    """Run ``flexvdi-config revert --expired`` in ``seconds``, whatever becomes of this process."""
    disarm_guard()
    run(
        [
            "systemd-run",
            f"--unit={_UNIT}",
            f"--on-active={seconds}",
            "--timer-property=AccuracySec=1s",
            "--property=Type=oneshot",
            "--property=Restart=on-failure",
            "--property=RestartSec=5s",
            "--property=StartLimitIntervalSec=0",
            "--description=Put back a network that nobody confirmed",
            "--collect",
            "--quiet",
            _command(),
            "revert",
            "--expired",
        ],
        timeout=20,
    )


def disarm_guard() -> None:
    """Stop the timer, if there is one; a guard at work is left to finish."""
    run(["systemctl", "stop", f"{_UNIT}.timer"], timeout=20, accept=(0, _NOT_LOADED))


def _command() -> str:
    """flexvdi-config as it is installed beside this interpreter, else wherever it is found."""
    beside = Path(sys.executable).with_name("flexvdi-config")
    return str(beside) if beside.exists() else shutil.which("flexvdi-config") or beside.name
