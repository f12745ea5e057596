"""What the kernel line says to the installer besides where the answers are.

=======================  ==========================================================================
``inst.countdown=N``     seconds before an unattended installation writes; 0 does not wait
``inst.onerror=WHAT``    after an unattended failure: ``shell``, ``reboot`` or ``halt``
``inst.report=URL``      where the report goes by POST (the answers' ``report_url`` wins)
``inst.noverifyssl``     do not check certificates of servers
``inst.proxy=URL``       the proxy to fetch through
=======================  ==========================================================================
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Literal

from foundation.kernel_command_line import KernelCommandLine

log = logging.getLogger("flexvdi.installer")

DEFAULT_COUNTDOWN = 10
OnError = Literal["shell", "reboot", "halt"]


@dataclass(frozen=True)
class Settings:
    """The settings; times are seconds. ``last_look`` is how long an ending stays on the screen."""

    countdown: int = DEFAULT_COUNTDOWN
    on_error: OnError | None = None
    report_url: str | None = None
    verify_tls: bool = True
    proxy: str | None = None
    last_look: int = 5


def read_settings(command_line: KernelCommandLine) -> Settings:
    """The settings of this boot; a value that makes no sense is told in the log and passed over.

    It is not refused: the machine is booted already, and its console is where help is.
    """
    countdown = command_line.last("inst.countdown")
    seconds = int(countdown) if countdown is not None and countdown.isdigit() else None
    if countdown is not None and seconds is None:
        log.warning("inst.countdown=%s is no number of seconds", countdown)
    on_error: OnError | None = None
    match command_line.last("inst.onerror"):
        case "shell" | "reboot" | "halt" as known:
            on_error = known
        case None:
            pass
        case other:
            log.warning("inst.onerror=%s is none of shell, reboot, halt", other)
    return Settings(
        countdown=DEFAULT_COUNTDOWN if seconds is None else seconds,
        on_error=on_error,
        report_url=command_line.last("inst.report"),
        verify_tls=not command_line.has("inst.noverifyssl"),
        proxy=command_line.last("inst.proxy"),
        last_look=5 if seconds is None else min(5, seconds),
    )
