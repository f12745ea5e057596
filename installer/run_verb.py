"""``flexvdi-install run``: install by a kickstart from a shell, and watch it there.

When an engine runs already (in the live system one always does), it is given the kickstart;
otherwise, and for a dry run, an engine is started for the occasion.
"""

from __future__ import annotations

from dataclasses import replace

from foundation.failure import Cancelled
from installer.engine.client import EngineClient, EngineGone
from installer.engine.commands import CancelCommand, ChooseCommand
from installer.engine.service import EngineOptions, engine_at_work
from installer.screens.console import can_show_screens, show_console
from installer.screens.plain import show_plain

_PATIENCE = 60.0
"""Seconds that what is running gets to stop after Ctrl-C before it is left alone."""


def run_here(options: EngineOptions, *, plain: bool) -> int:
    """Install, and return 0 once it finished, 1 when it failed; raises Failure."""
    if options.simulate is None and _hand_over(options):
        return show_console(options.socket, plain=plain)
    if options.simulate is not None:
        options = replace(options, socket=options.folder / "installer.sock")
    with engine_at_work(options) as engine:
        engine.leave_when_done()
        try:
            if plain or not can_show_screens():
                return show_plain(options.socket, until_end=True)
            return show_console(options.socket, until_end=True)
        except KeyboardInterrupt:
            print("Stopping …", flush=True)
            engine.conductor.handle(CancelCommand())
            engine.conductor.idle.wait(_PATIENCE)
            raise Cancelled("installing") from None


def _hand_over(options: EngineOptions) -> bool:
    """Give the kickstart to the engine that listens on the socket; False when none does."""
    try:
        client = EngineClient(options.socket, lambda event: None)
    except EngineGone:
        return False
    try:
        client.ask(ChooseCommand(choice="edit-answers", argument=options.kickstart))
    finally:
        client.close()
    return True
