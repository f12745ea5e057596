"""What several pages do in the same way: long calls with a window to wait in, leaving, locking."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import urwid

from config_tui.kit.dialog import Button, Dialog, confirm, show_failure, tell
from config_tui.kit.text import _
from foundation.failure import Failure

if TYPE_CHECKING:
    from config_tui.application import Application

Answer = TypeVar("Answer")


def ask_host(
    application: Application,
    words: str,
    work: Callable[[], Answer],
    on_done: Callable[[Answer], None],
    *,
    on_failure: Callable[[Failure], None] | None = None,
) -> None:
    """Call ``work`` in the background with a window that says what is waited for.

    The person may close the window; the work goes on, and its answer is shown when it comes.
    """
    dialog = Dialog(
        _("Please wait"),
        [urwid.Text(words)],
        [Button(_("Go on in the background"), lambda: application.stack.close(dialog))],
        on_escape=lambda: application.stack.close(dialog),
    )
    user = application.user

    def done(answer: Answer) -> None:
        application.stack.close(dialog)
        if application.user == user:  # nobody else gets to see what this person asked for
            on_done(answer)

    def failed(failure: Failure) -> None:
        application.stack.close(dialog)
        if application.user == user:
            (on_failure or (lambda f: show_failure(application.stack, f)))(failure)

    application.stack.open(dialog)
    application.tasks.start(work, done, failed)


def tell_done(application: Application, words: str, command: str) -> None:
    """Say what was done, and the command that does the same."""
    markup = [words, "\n\n", ("dim", f"{_('The same as a command')}:"), f"\n{command}"]
    tell(application.stack, _("Done"), markup)


def quit_application(application: Application) -> None:
    """Leave the program; with changes not applied, after a question."""

    def leave() -> None:
        raise urwid.ExitMainLoop

    if not len(application.staging):
        leave()
    confirm(
        application.stack,
        _("Leave flexVDI Config?"),
        _("Changes that are not applied are lost: {count}.").format(count=len(application.staging)),
        _("Leave"),
        leave,
    )
