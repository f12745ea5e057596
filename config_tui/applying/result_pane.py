"""How an application of changes ended: done with its command, or failed with cause and remedy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from config_tui.kit import theme
from config_tui.kit.dialog import Button, failure_markup
from config_tui.kit.panel import Panel
from config_tui.kit.text import _
from foundation.failure import Cancelled, Failure

if TYPE_CHECKING:
    from host.jobs import JobRecord


def done_pane(
    record: JobRecord | None, command: str, on_close: Callable[[], None], words: str = ""
) -> Any:
    """What was done, ending with the command that does the same."""
    mark = theme.current().mark("ok")
    job = "" if record is None else _("Job {job} is done.").format(job=record.id)
    body = [
        [("ok", f"{mark} "), ("heading", words or _("The changes are applied."))],
        "",
        f"{job} {_('`flexvdi-config job show` tells its steps.')}" if job else "",
        "",
        ("dim", f"{_('The same as a command')}:"),
        command,
    ]
    return Panel(body=body, buttons=[Button(_("Close"), on_close)])


def reverted_pane(on_close: Callable[[], None]) -> Any:
    """The old configuration is back."""
    body = [
        ("heading", _("The old configuration is back.")),
        "",
        _("Nobody kept the change in time, or somebody reverted it."),
        _("What was staged on this screen is still staged."),
    ]
    return Panel(body=body, buttons=[Button(_("Close"), on_close)])


def failed_pane(
    failure: Failure,
    *,
    on_back: Callable[[], None],
    on_bundle: Callable[[], None] | None,
) -> Any:
    """Cause, remedy, log, details on demand; what was staged is still there."""
    return _FailedPane(failure, on_back, on_bundle)


class _FailedPane(Panel):
    def __init__(
        self, failure: Failure, on_back: Callable[[], None], on_bundle: Callable[[], None] | None
    ) -> None:
        self._failure = failure
        self._detailed = False
        title = _("Cancelled") if isinstance(failure, Cancelled) else _("This did not work")
        buttons = [Button(_("Back to the changes"), on_back)]
        if failure.details:
            buttons.append(Button(_("Details"), self._toggle))
        if on_bundle is not None:
            buttons.append(Button(_("Save support bundle"), on_bundle))
        self._head = [("heading", title), ""]
        super().__init__(body=[*self._head, ""], buttons=buttons)
        self._show()

    def _show(self) -> None:
        from config_tui.kit.panel import as_widget

        shown = self._failure
        if not self._detailed:
            shown = Failure(shown.cause, shown.remedy, log=shown.log, where=shown.where)
        parts: list[Any] = [
            *self._head,
            failure_markup(shown),
            "",
            _("The host is as it was before; your changes are still staged."),
        ]
        self.body.body[:] = [as_widget(part) for part in parts]

    def _toggle(self) -> None:
        self._detailed = not self._detailed
        self._show()
