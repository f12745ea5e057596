"""Guest: how the Manager is and why; starting, stopping, its console."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from config_tui.console_view import ConsoleView
from config_tui.flows import ask_host, tell_done
from config_tui.kit.dialog import confirm, confirm_by_name, show_failure
from config_tui.kit.panel import Panel
from config_tui.kit.text import N_, _
from config_tui.listing import action_buttons
from config_tui.page import Action, Page
from config_tui.pages.manager.words import status_lines
from foundation.failure import Failure

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.api.manager import ManagerStatus


def _open(application: Application) -> Any:
    def build(status: ManagerStatus) -> Any:
        return Panel(
            head=[("heading", _("Guest")), ""],
            body=status_lines(status),
            buttons=action_buttons(application, _ACTIONS),
        )

    return application.loading(application.host.manager.status, build)


def _do(
    application: Application, call: Callable[[], object], words: str, verb: str, waiting: str = ""
) -> None:
    def done(_nothing: object) -> None:
        tell_done(application, words, f"flexvdi-config manager {verb}")
        application.rebuild()

    ask_host(application, waiting or _("Please wait ..."), call, done)


def _start(application: Application, _key: str) -> None:
    """If another host may run it, its name must be typed."""
    actor = application.actor

    def start(believed_dead: str = "") -> Callable[[], object]:
        return lambda: application.host.manager.start(actor, believed_dead)

    def asked(status: ManagerStatus) -> None:
        elsewhere = (status.manager or {}).get("running_on", "")
        here = application.host.identity().hostname
        words = _("The Manager was started.")
        if elsewhere in ("", here):
            _do(application, start(), words, "start")
            return
        text = _(
            "{host} had the Manager last. Two of it would destroy its data. Go on only if {host} "
            "is certainly off; then type its name."
        ).format(host=elsewhere)
        verb = f"start --believed-dead {elsewhere}"
        confirm_by_name(
            application.stack,
            _("Start it here?"),
            text,
            elsewhere,
            _("Start"),
            lambda: _do(application, start(elsewhere), words, verb),
        )

    ask_host(application, _("Please wait ..."), application.host.manager.status, asked)


def _stop(application: Application, _key: str) -> None:
    actor = application.actor
    confirm(
        application.stack,
        _("Shut the Manager down?"),
        _("Desktops go on running; nobody can sign in to the Manager meanwhile."),
        _("Shut down"),
        lambda: _do(
            application,
            lambda: application.host.manager.stop(actor),
            _("The Manager is off."),
            "stop",
            _("The Manager is shutting down ..."),
        ),
    )


def _force_off(application: Application, _key: str) -> None:
    actor = application.actor
    confirm(
        application.stack,
        _("Force the Manager off?"),
        _("As by pulling its plug: what it has not written yet is lost."),
        _("Force off"),
        lambda: _do(
            application,
            lambda: application.host.manager.force_off(actor),
            _("The Manager is off."),
            "force-off",
        ),
    )


def _console(application: Application, _key: str) -> None:
    def opened(console: Any) -> None:
        if application.user is None:  # logged out, or locked, while it was opened
            console.close()
            return
        view = ConsoleView(application.tasks, console, lambda: application.go("manager-guest"))
        application.show(lambda: view)
        view.begin()

    def failed(failure: Failure) -> None:
        show_failure(application.stack, failure)

    application.tasks.start(application.host.manager.console, opened, failed)


def _autostart(application: Application, _key: str) -> None:
    actor = application.actor

    def asked(status: ManagerStatus) -> None:
        on = not (status.manager or {}).get("autostart", False)
        words = _("It starts with this host.") if on else _("It is started by hand.")
        _do(
            application,
            lambda: application.host.manager.set_autostart(on, actor),
            words,
            f"autostart {'on' if on else 'off'}",
        )

    ask_host(application, _("Please wait ..."), application.host.manager.status, asked)


_ACTIONS = (
    Action(N_("Start"), "manager start", _start),
    Action(N_("Shut down"), "manager stop", _stop),
    Action(N_("Force off"), "manager force-off", _force_off),
    Action(N_("Console"), "manager console", _console),
    Action(N_("Start with host: on, off"), "manager autostart", _autostart),
)

PAGE = Page(
    name="manager-guest",
    title=N_("Guest"),
    rank=10,
    preview=_open,
    open=_open,
    verbs=("manager status",),
    actions=_ACTIONS,
)
