"""The installer on a terminal: a frame, the view that fits the engine's state, and the questions.

The engine owns the truth; this draws it. It may be killed and started at any moment, and as many
of it may run as there are consoles: when one of them begins to install, all show it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import urwid

from config_tui.kit import theme
from config_tui.kit.dialog import Button, Dialog, DialogStack, confirm, show_failure, tell
from config_tui.kit.screen import Screen, open_screen
from config_tui.kit.shell import run_on_terminal
from config_tui.kit.tasks import Tasks
from foundation.failure import Failure
from installer.engine.commands import (
    CheckCommand,
    ChooseCommand,
    Command,
    MachineCommand,
    StartCommand,
)
from installer.engine.events import Choice, Event, StateEvent, Status, StatusEvent, after
from installer.engine.link import Link
from installer.machine.model import Machine
from installer.screens.views import StatusView
from installer.screens.wizard import Page, Wizard
from installer.screens.words import TITLE
from kickstart.install_plan import InstallPlan

SHELL = ("/bin/bash", "--login")
SHELL_BANNER = "A root shell of the live system. Type exit to come back to the installer."
KEYS = " Tab/arrows move   Enter choose   Esc back   F3 redraw   F12 shell"
STATE_TITLES = {
    "waiting": "Starting",
    "answering": "Questions",
    "confirming": "Confirmation",
    "installing": "Installing flexVDI",
    "failed": "Failure",
    "finished": "Finished",
    "rescue": "Rescue",
}
_ASKING: tuple[Choice, ...] = ("edit-answers", "save-logs")


class Application:
    """One console's screen. ``ask`` sends a command to the engine; it is called in worker threads.

    ``leave`` ends the console, ``shell`` gives the terminal to a shell for a while.
    """

    def __init__(
        self,
        ask: Callable[[Command], Any],
        tasks: Tasks,
        *,
        shell: Callable[[], None],
        redraw: Callable[[], None],
    ) -> None:
        """Show that the engine is awaited."""
        self._ask = ask
        self._tasks = tasks
        self._shell = shell
        self._redraw = redraw
        self.status = Status()
        self._wizard: Wizard | None = None
        self._view = StatusView(self._choose)
        self._title = urwid.Text("", wrap="clip")
        empty: Any = urwid.SolidFill(" ")
        self._frame = urwid.Frame(
            empty,
            header=urwid.AttrMap(self._title, "header"),
            footer=urwid.AttrMap(urwid.Text(KEYS, wrap="clip"), "keys"),
        )
        self.stack = DialogStack(self._frame)
        self.engine_gone()

    # --- what the engine says ---

    def engine_gone(self) -> None:
        """Tell that there is no engine at the moment; what was typed is kept."""
        waiting = urwid.Filler(urwid.Text("Waiting for the installer's engine …"), "top")
        self._show("Starting", waiting)

    def take(self, event: Event) -> None:
        """Bring the screen up to date with ``event``."""
        before = self.status
        self.status = status = after(before, event)
        if status.state == "answering":
            if self._wizard is None:
                self._begin_questions()
            elif isinstance(event, StateEvent | StatusEvent):
                self._wizard.show()
            return
        if before.state == "answering" or before.state != status.state:
            self.stack.close_all()
        self._view.update(status)
        self._show(STATE_TITLES[status.state], self._view)

    def _begin_questions(self) -> None:
        self._show("Starting", urwid.Filler(urwid.Text("Looking at this machine …"), "top"))

        def ready(reply: dict[str, Any]) -> None:
            self._wizard = Wizard(
                Machine.model_validate(reply["machine"]),
                int(reply["unpacked_size"]),
                stack=self.stack,
                tasks=self._tasks,
                check=self._check,
                start=self._start,
                on_shown=lambda page: self._show_page(page),
                leave=self._leave_questions,
            )
            if self.status.state == "answering":
                self._wizard.show()

        self._tasks.start(
            lambda: self._ask(MachineCommand()), ready, lambda f: show_failure(self.stack, f)
        )

    # --- what a person does ---

    def unhandled(self, key: str) -> None:
        """Keys that no widget took."""
        if key in ("f3", "ctrl l"):
            self._redraw()
        elif key == "f12":
            self._shell()
        elif key == "esc" and self.status.state != "answering":
            self._redraw()

    def _choose(self, choice: Choice) -> None:
        if choice == "shell":
            self._shell()
        elif choice in _ASKING:
            self._ask_for_argument(choice)
        elif choice == "cancel" and self.status.state == "installing":
            confirm(
                self.stack,
                "Cancel the installation",
                "The disks stay as they are now: an unfinished host does not start.",
                "Stop installing",
                lambda: self._send(choice, ""),
            )
        else:
            self._send(choice, "")

    def _send(self, choice: Choice, argument: str) -> None:
        def done(result: Any) -> None:
            if result:
                tell(self.stack, "Done", f"Saved: {result}")

        self._tasks.start(
            lambda: self._ask(ChooseCommand(choice=choice, argument=argument)),
            done,
            lambda failure: show_failure(self.stack, failure),
        )

    def _ask_for_argument(self, choice: Choice) -> None:
        title, text = {
            "edit-answers": ("Kickstart", "Where is the kickstart? As in http://SERVER/ks.cfg"),
            "save-logs": (
                "Save logs",
                "Where to? A URL (PUT), or a stick as LABEL=NAME or /dev/sdb1",
            ),
        }[choice]
        edit = urwid.Edit(wrap="clip")

        def finish(go_on: bool) -> None:
            self.stack.close(dialog)
            if go_on and edit.edit_text.strip():
                self._send(choice, edit.edit_text.strip())

        dialog = Dialog(
            title,
            [urwid.Text(text), urwid.Divider(), urwid.AttrMap(edit, "field", "field.focus")],
            [Button("Cancel", lambda: finish(False)), Button("OK", lambda: finish(True))],
            on_escape=lambda: finish(False),
            focus_buttons=False,
        )
        dialog.body.focus_position = 2
        self.stack.open(dialog)

    def _leave_questions(self) -> None:
        """Back on the first page: what else can be done."""

        def choice(name: Choice) -> Callable[[], None]:
            def press() -> None:
                self.stack.close(dialog)
                self._choose(name)

            return press

        def close() -> None:
            self.stack.close(dialog)

        dialog = Dialog(
            "Leave the questions",
            [urwid.Text("Nothing was written. What you typed is kept while you look around.")],
            [
                Button("Go on", close),
                Button("Use a kickstart", choice("edit-answers")),
                Button("Shell", choice("shell")),
                Button("Reboot", choice("reboot")),
            ],
            width=72,
            on_escape=close,
        )
        self.stack.open(dialog)

    # --- in worker threads ---

    def _check(self, plan: InstallPlan) -> dict[str, Any]:
        checked: dict[str, Any] = self._ask(CheckCommand(plan=plan))
        return checked

    def _start(self, plan: InstallPlan) -> None:
        self._ask(StartCommand(plan=plan))

    # --- drawing ---

    def _show_page(self, page: Page) -> None:
        self._show(page.title, page.widget)

    def _show(self, title: str, body: urwid.Widget) -> None:
        separator = theme.current().glyphs.chosen
        self._title.set_text(f" {TITLE} {separator} {title}")
        self._frame.body = urwid.Padding(body, left=1, right=1)
        self._frame.focus_position = "body"


def run_application(
    socket: Path, *, until_end: bool = False, on_rescue: Callable[[], int] = lambda: 0
) -> int:
    """Show the installation on this process's terminal until there is nothing more to show.

    Returns what ``on_rescue`` returns when a rescue was asked for, else 0, or with ``until_end``
    1 when the installation failed.
    """
    screen = open_screen()
    tasks = Tasks()
    link: list[Link] = []

    def ask(command: Command) -> Any:
        return link[0].ask(command)

    def keys_only(keys: list[Any], raw: list[int]) -> list[Any]:
        return list(screen.without_reports(keys))

    loop: urwid.MainLoop

    def shell() -> None:
        run_on_terminal(loop, SHELL, banner=SHELL_BANNER, environment={"HOME": "/root"})

    application = Application(ask, tasks, shell=shell, redraw=lambda: _redraw(loop, screen))
    loop = urwid.MainLoop(
        application.stack,
        palette=theme.current().palette,
        screen=screen,
        handle_mouse=False,
        input_filter=keys_only,
        unhandled_input=lambda key: application.unhandled(str(key)),
    )

    def woken(data: bytes) -> bool:
        tasks.run_pending()
        return True

    pipe = loop.watch_pipe(woken)
    tasks.wake = lambda: _poke(pipe)

    def deliver(event: Event | None) -> None:
        if event is not None:
            application.take(event)
            if application.status.state == "rescue":
                raise urwid.ExitMainLoop
            if isinstance(event, StateEvent) and event.open_shell:
                shell()
            return
        if until_end and application.status.state in ("finished", "failed"):
            raise urwid.ExitMainLoop
        application.engine_gone()

    link.append(Link(socket, lambda event: tasks.call(lambda: deliver(event))))
    try:
        loop.run()
    finally:
        link[0].stop()
    if application.status.state == "rescue":
        return on_rescue()
    return 1 if application.status.state == "failed" else 0


def _redraw(loop: urwid.MainLoop, screen: Screen) -> None:
    screen.ask_size()
    screen.clear()
    loop.draw_screen()


def _poke(pipe: int) -> None:
    try:
        os.write(pipe, b"!")
    except OSError as error:
        raise Failure("The screen is closed.") from error
