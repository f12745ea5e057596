"""Long work on the Manager, as its pages show it: progress, then how it ended."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Any

from config_tui.applying.progress_pane import ProgressPane
from config_tui.kit.dialog import Button, failure_markup
from config_tui.kit.panel import Panel
from config_tui.kit.text import _
from foundation.failure import Failure

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.jobs import JobEvent

Work = Callable[[Callable[["JobEvent"], None], Event], Any]


def work(
    application: Application,
    title: str,
    call: Work,
    on_done: Callable[[Any], None],
    on_failure: Callable[[Failure], None],
    *,
    stopping: str = "",
) -> None:
    """Show ``call`` while it works. It is given who hears its events, and what cancels it."""
    cancel = Event()
    pane = ProgressPane(
        cancel.set,
        heading=title,
        stopping=stopping,
    )

    def on_event(event: JobEvent) -> None:
        application.tasks.call(lambda: pane.on_event(event))

    application.show(lambda: pane)
    application.tasks.start(lambda: call(on_event, cancel), on_done, on_failure)


def work_and_tell(
    application: Application, title: str, call: Work, command: str, back: str
) -> None:
    """The same, with an ending that leads back to the page ``back``."""
    close = Button(_("Close"), lambda: application.go(back))

    def done(_result: Any) -> None:
        body = [("heading", _("Done")), "", title, "", ("dim", f"{_('The same as a command')}:")]
        application.show(lambda: Panel(body=[*body, command], buttons=[close]))

    def failed(failure: Failure) -> None:
        application.show(lambda: Panel(body=[failure_markup(failure)], buttons=[close]))

    work(application, title, call, done, failed)
