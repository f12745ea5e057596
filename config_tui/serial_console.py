"""A guest's serial console on this terminal: everything typed goes there, until Ctrl-]."""

from __future__ import annotations

import os
import select
import sys
import termios
import tty
from typing import TYPE_CHECKING

from foundation.failure import Failure

if TYPE_CHECKING:
    from host.machine.manager.domains import Console

LEAVE = b"\x1d"  # Ctrl-], as telnet and virsh have it
_TURN = 0.05


def run_console(console: Console) -> None:
    """Return when the person leaves, or the guest ends; the terminal is as it was before."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        console.close()
        raise Failure(
            "A console needs a terminal.", "With --log, what it has said so far is shown."
        )
    terminal, screen = sys.stdin.fileno(), sys.stdout.fileno()
    before = termios.tcgetattr(terminal)
    os.write(screen, b"(Ctrl-] leaves this console.)\r\n")
    try:
        tty.setraw(terminal)
        _converse(console, terminal, screen)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        console.close()
        os.write(screen, b"\r\n")


def _converse(console: Console, terminal: int, screen: int) -> None:
    console.write(b"\r")  # a console that waits shows its prompt again
    while True:
        readable, _writable, _broken = select.select([terminal], [], [], 0)
        if readable:
            typed = os.read(terminal, 1024)
            if not typed or LEAVE in typed:
                return
            console.write(typed)
        said = console.read(_TURN)
        if said is None:
            return
        while said:
            said = said[os.write(screen, said) :]
