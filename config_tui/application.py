"""flexVDI Config's screen: a menu of pages beside what they show, status before anything else.

The first picture is drawn from what is known at once (name and version); everything that takes
longer is looked up in worker threads and appears when it is there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import urwid

from config_tui.frame import Bar, Boundary, Hub, Menu, SizeGuard, header_line
from config_tui.kit import theme
from config_tui.kit.dialog import DialogStack, show_failure, tell
from config_tui.kit.screen import Screen, open_screen
from config_tui.kit.shell import run_on_terminal
from config_tui.kit.tasks import Tasks
from config_tui.kit.text import _, cell_width
from config_tui.login import ask_to_log_in
from config_tui.page import Page, find_pages
from foundation.failure import Failure
from host.api import HostApi
from host.audit import Actor, record
from host.status import HostIdentity, HostStatus

NAME = "flexVDI Config"
_REFRESH = 5.0  # seconds between looks at the host
_IDLE_LOCK = 600.0  # seconds without a key until a console locks itself


class Application:
    """The state of one screen. ``user`` is who is logged in, None when nobody is.

    ``console`` says that this is a terminal of the machine itself: there, one logs in here, the
    screen locks when idle, and it cannot be quit.
    """

    def __init__(
        self,
        host: HostApi,
        actor: Actor,
        *,
        user: str | None = None,
        console: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``clock`` returns seconds, for the idle lock."""
        self.host = host
        self.origin = actor
        self.user = user
        self.console = console
        self.tasks = Tasks()
        self.identity: HostIdentity = host.identity()
        self.status: HostStatus | None = None
        self.status_failure: Failure | None = None
        self._clock = clock
        self._last_key = clock()
        self._looking = False
        self._message = ""
        self._loop: urwid.MainLoop | None = None
        self.pages: tuple[Page, ...] = find_pages()
        self._entered: Page | None = None
        self.menu = Menu([page.title_for(self) for page in self.pages], self.rebuild, self._enter)
        self.hub = Hub(self.menu)
        self._header = Bar("header", self._header_words)
        self._message_line = Bar("message", lambda width: f" {self._message}")
        self._keys = Bar("keys", self._key_words)
        frame: urwid.Frame[Any, Any, Any] = urwid.Frame(
            urwid.Padding(self.hub, left=1, right=1),
            header=urwid.Pile([self._header, urwid.Divider()]),
            footer=urwid.Pile([self._message_line, self._keys]),
        )
        self.stack = DialogStack(urwid.AttrMap(frame, "body"))
        self.root = SizeGuard(self.stack)
        self.rebuild()

    @property
    def actor(self) -> Actor:
        """Who acts now, for the journal."""
        return replace(self.origin, name=self.user or self.origin.name)

    @property
    def page(self) -> Page:
        """The page the menu stands on."""
        return self.pages[self.menu.position]

    # --- running ---

    def run(self) -> None:
        """Draw and answer keys until the person quits (never, on a console)."""
        screen = open_screen()
        loop = urwid.MainLoop(
            self.root,
            palette=theme.current().palette,
            screen=screen,
            handle_mouse=False,
            input_filter=lambda keys, _raw: self._filter(screen, keys),
            unhandled_input=self.unhandled,
        )
        self._loop = loop

        def woken(_data: bytes) -> bool:
            self.tasks.run_pending()
            return True

        pipe = loop.watch_pipe(woken)
        self.tasks.wake = lambda: _write(pipe)
        self.rebuild()
        loop.set_alarm_in(0, self._tick)
        loop.run()

    def _filter(self, screen: Screen, keys: list[Any]) -> list[Any]:
        self._last_key = self._clock()
        return screen.without_reports(keys)

    def _tick(self, loop: urwid.MainLoop, _data: Any = None) -> None:
        self.look()
        self.lock_when_idle()
        loop.set_alarm_in(_REFRESH, self._tick)

    def look(self) -> None:
        """Look at the host in the background, unless that is already going on."""
        if not self._looking:
            self._looking = True
            self.tasks.start(self.host.status, self._looked, self._could_not_look)

    def _looked(self, status: HostStatus) -> None:
        self._looking = False
        self.status, self.identity, self.status_failure = status, status.identity, None
        self.rebuild(keep_pane=True)

    def _could_not_look(self, failure: Failure) -> None:
        self._looking = False
        self.status_failure = failure
        self.rebuild(keep_pane=True)

    def lock_when_idle(self) -> None:
        """Log out a console that nobody has touched for long."""
        idle = self._clock() - self._last_key
        if self.console and self.user is not None and idle >= _IDLE_LOCK:
            self.log_out(_("Locked after ten minutes without a key."))

    # --- what pages use ---

    def say(self, words: str) -> None:
        """Show ``words`` in the message line."""
        self._message = words
        self._message_line.refresh()

    def rebuild(self, *, keep_pane: bool = False) -> None:
        """Bring the screen in line with the state.

        ``keep_pane`` leaves a page alone that the person is in, apart from what it refreshes.
        """
        self.menu.set_titles([page.title_for(self) for page in self.pages])
        for line in (self._header, self._keys):
            line.refresh()
        if self.hub.in_pane and self._entered is not None:
            if not keep_pane:
                self._open(self._entered)
            elif self._entered.refresh is not None and not self.hub.pane.broken:
                self._entered.refresh(self, self.hub.pane.page)
            return
        page = self.page
        self._entered = None
        self.hub.show(self._bounded(lambda: page.preview(self)), enter=False)

    def log_in(self, then: Callable[[], None] = lambda: None) -> None:
        """Ask who it is; ``then`` is called when the person is logged in."""
        ask_to_log_in(self, then)

    def log_out(self, words: str = "") -> None:
        """Forget who was logged in, close what they had open, and show the status."""
        self.user = None
        self.stack.close_all()
        self.menu.go_to(0)
        self.hub.in_pane = False
        self.say(words or _("Logged out."))
        self.rebuild()

    def open_shell(self) -> None:
        """Give the terminal to a shell of the person logged in."""
        if self._loop is None or self.user is None:
            return
        record(self.actor, "shell", "done", "A shell was opened.")
        try:
            run_on_terminal(
                self._loop,
                self.host.shell_command(self.user),
                banner=_("Leave this shell with `exit` to come back to flexVDI Config."),
            )
        except Failure as failure:
            show_failure(self.stack, failure)
        self._last_key = self._clock()

    # --- keys ---

    def unhandled(self, key: Any) -> bool:
        """Keys that no widget wanted: the ones in the key line, and their twins."""
        action = self._actions().get(key)
        if action is None:
            return False
        if self.stack.top is None or key in ("f3", "ctrl l"):
            action()
        return True

    def _actions(self) -> dict[str, Callable[[], None]]:
        actions = {
            "f1": self._help,
            "ctrl g": self._help,
            "f2": self._session,
            "ctrl o": self._session,
            "f3": self._redraw,
            "ctrl l": self._redraw,
            "f5": self._refresh,
            "ctrl r": self._refresh,
            "f12": lambda: self._go("power"),
            "ctrl p": lambda: self._go("power"),
        }
        if not self.console:
            actions |= {"f10": self._quit, "ctrl q": self._quit}
        return actions

    def _key_words(self, width: int) -> str:
        session = _("Log in") if self.user is None else _("Log out")
        keys = [f"F2 {session}", f"F1 {_('Help')}", f"F5 {_('Refresh')}", f"F3 {_('Redraw')}"]
        keys += [f"F12 {_('Power')}"] if any(page.name == "power" for page in self.pages) else []
        keys += [] if self.console else [f"F10 {_('Quit')}"]
        line = f" {keys[0]}"
        for key in keys[1:]:
            if cell_width(line) + 2 + cell_width(key) <= width:
                line += f"  {key}"
        return line

    def _header_words(self, width: int) -> str:
        address = self.status.management_address if self.status else None
        return header_line(
            NAME, self.identity.version, self.identity.hostname, address or "", width
        )

    def _help(self) -> None:
        lines = [
            _("Arrows, Tab and Enter move and choose; Esc goes back."),
            "",
            _("F1  Ctrl-G   this help"),
            _("F2  Ctrl-O   log in, log out"),
            _("F3  Ctrl-L   draw the screen anew"),
            _("F5  Ctrl-R   look at the host again"),
            _("F12 Ctrl-P   reboot, power off"),
        ]
        if not self.console:
            lines.append(_("F10 Ctrl-Q   leave flexVDI Config"))
        lines += ["", _("Everything here is also a command: flexvdi-config --help")]
        tell(self.stack, _("Help"), "\n".join(lines))

    def _session(self) -> None:
        if self.user is None:
            self.log_in()
        else:
            self.log_out()

    def _redraw(self) -> None:
        if self._loop is not None:
            self._loop.screen.clear()
            if isinstance(self._loop.screen, Screen):
                self._loop.screen.ask_size()

    def _refresh(self) -> None:
        self.say("")
        self.look()

    def _quit(self) -> None:
        raise urwid.ExitMainLoop

    # --- pages ---

    def _go(self, name: str) -> None:
        for place, page in enumerate(self.pages):
            if page.name == name:
                self.menu.go_to(place)
                self._enter()

    def _enter(self) -> None:
        page = self.page
        self.say("")
        if page.needs_login and self.user is None:
            self.log_in(then=lambda: self._enter_page(page))
        else:
            self._enter_page(page)

    def _enter_page(self, page: Page) -> None:
        if page.act is not None:
            page.act(self)
        elif page.open is not None:
            self._open(page)

    def _open(self, page: Page) -> None:
        self._entered = page
        build = page.open or page.preview
        self.hub.show(self._bounded(lambda: build(self)), enter=True)

    def _bounded(self, build: Callable[[], Any]) -> Boundary:
        return Boundary(build, self.rebuild)


def _write(pipe: int) -> None:
    try:
        os.write(pipe, b".")
    except OSError:  # the screen has ended; nobody waits for this result any more
        return
