"""flexVDI Config's screen: a menu of pages beside what they show, status before anything else.

The first picture is drawn from what is known at once (name and version); everything that takes
longer is looked up in worker threads and appears when it is there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import urwid

from config_tui import flows
from config_tui.applying.pending_watch import PendingWatch
from config_tui.frame import Bar, Boundary, Hub, Menu, SizeGuard, crumb_line, header_line
from config_tui.keys import find_key, help_text, key_line
from config_tui.kit.dialog import DialogStack, show_failure, tell
from config_tui.kit.table import Row
from config_tui.kit.tasks import Tasks
from config_tui.kit.text import _, duration_in_words
from config_tui.loading import Loading
from config_tui.login import ask_to_log_in
from config_tui.navigation import Navigation
from config_tui.pacing import pause_between_looks
from config_tui.page import Page, find_pages
from config_tui.staging import Staging
from config_tui.terminal import Terminal
from foundation.failure import Failure
from host.api import HostApi
from host.audit import Actor, record
from host.status import HostIdentity, HostStatus

if TYPE_CHECKING:
    from host.document.model import HostDocument

Answer = TypeVar("Answer")

NAME = "flexVDI Config"
_IDLE_LOCK = 600.0  # seconds without a key until a console locks itself, unless the document says


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
        """``clock`` returns seconds, for the idle lock and the looks at the host."""
        self.host = host
        self.origin = actor
        self.user = user
        self.console = console
        self.tasks = Tasks()
        self.staging = Staging()
        self.identity: HostIdentity = host.identity()
        self.status: HostStatus | None = None
        self.status_failure: Failure | None = None
        self.idle_seconds = _IDLE_LOCK
        self._clock = clock
        self._last_key = clock()
        self._looking = False
        self._look_begun = 0.0
        self._look_ended: float | None = None
        self._message = ""
        self._terminal: Terminal | None = None
        self.memory: dict[str, Any] = {}  # what pages remember from one opening to the next
        self.navigation = Navigation(find_pages())
        self._entered: Page | None = None
        self._in_flow = False  # whether the pane is a step of something, which nothing replaces
        self.menu = Menu(self.rebuild, self._enter, self._leave_area)
        self.hub = Hub(self.menu, on_back=self.rebuild)
        self.pending_watch = PendingWatch(self)
        self._header = Bar("header", self._header_words)
        self._crumbs = Bar("crumbs", self._crumb_words)
        self._message_line = Bar("message", lambda width: f" {self._message}")
        self._keys = Bar("keys", self._key_words)
        frame: urwid.Frame[Any, Any, Any] = urwid.Frame(
            urwid.Padding(self.hub, left=1, right=1),
            header=urwid.Pile([self._header, self._crumbs]),
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
        return self.navigation.level[self.menu.position]

    # --- running ---

    def run(self) -> None:
        """Draw and answer keys until the person quits (never, on a console)."""
        self._terminal = Terminal(self)
        self._terminal.run()

    def note_key(self) -> None:
        """Somebody is here: the idle lock starts counting anew."""
        self._last_key = self._clock()

    def look(self) -> None:
        """Look at the host in the background, unless that is already going on."""
        if not self._looking:
            self._looking = True
            self._look_begun = self._clock()
            self.tasks.start(self.host.status, self._looked, self._could_not_look)

    def look_if_due(self) -> None:
        """Look at the host, unless the last look is too recent."""
        now, ended = self._clock(), self._look_ended
        if ended is not None:
            pause = pause_between_looks(ended - self._look_begun, now - self._last_key)
        if ended is None or now - ended >= pause:
            self.look()

    def _looked(self, status: HostStatus) -> None:
        self._end_look()
        self.status, self.identity, self.status_failure = status, status.identity, None
        self.rebuild(keep_pane=True)

    def _could_not_look(self, failure: Failure) -> None:
        self._end_look()
        self.status_failure = failure
        self.rebuild(keep_pane=True)

    def _end_look(self) -> None:
        self._looking = False
        self._look_ended = self._clock()

    def lock_when_idle(self) -> None:
        """Log out a console that nobody has touched for long."""
        idle = self._clock() - self._last_key
        if self.console and self.user is not None and 0 < self.idle_seconds <= idle:
            minutes = duration_in_words(self.idle_seconds)
            self.log_out(_("Locked after {time} without a key.").format(time=minutes))

    # --- what pages use ---

    def say(self, words: str) -> None:
        """Show ``words`` in the message line."""
        self._message = words
        self._message_line.refresh()

    def stage(self, document: HostDocument) -> None:
        """Want ``document``; nothing happens to the host until the changes are applied."""
        self.staging.stage(document)
        self.say(_("Not applied yet: F9 shows the changes and applies them."))
        self.rebuild()

    def with_document(self, build: Callable[[HostDocument], Any]) -> Any:
        """A pane of the document as it shall be, read from the host the first time."""
        if self.staging.in_force is not None:
            return build(self.staging.wanted)

        def read(document: HostDocument) -> Any:
            self.take_document(document)
            return build(self.staging.wanted)

        return Loading(self.tasks, self.host.document, read)

    def take_document(self, document: HostDocument) -> None:
        """Take ``document`` as the one in force."""
        self.staging.read(document)
        self.idle_seconds = float(document.access.idle_lock)
        self._crumbs.refresh()

    def loading(
        self, work: Callable[[], Answer], build: Callable[[Answer], Any], words: str = ""
    ) -> Loading:
        """A pane that shows what the host answers."""
        return Loading(self.tasks, work, build, words=words)

    def show(self, build: Callable[[], Any], *, wide: bool = True) -> None:
        """Put a pane of a page in the page's place; Esc leads back to the menu."""
        self._in_flow = True
        self.hub.show(self._bounded(build), enter=True, wide=wide)
        self.refresh_lines()

    def remembered_row(self, rows: Sequence[Row]) -> str:
        """The row of this page that had the focus, if it is still there."""
        key: str = self.memory.get(f"{self.page.name} row", "")
        return key if any(row.key == key for row in rows) else ""

    def remember_row(self, key: str) -> None:
        """Note which row of this page has the focus."""
        self.memory[f"{self.page.name} row"] = key

    def rebuild(self, *, keep_pane: bool = False) -> None:
        """Bring the screen in line with the state.

        ``keep_pane`` leaves a page alone that the person is in, apart from what it refreshes.
        """
        self._show_menu()
        self.refresh_lines()
        if self.hub.in_pane and self._in_flow:
            return
        if self.hub.in_pane and self._entered is not None:
            if not keep_pane:
                self._open(self._entered)
            elif self._entered.refresh is not None and not self.hub.pane.broken:
                self._entered.refresh(self, self.hub.pane.page)
            return
        page = self.page
        self._entered, self._in_flow = None, False
        self.hub.show(self._bounded(lambda: page.preview(self)), enter=False)

    def log_in(self, then: Callable[[], None] = lambda: None) -> None:
        """Ask who it is; ``then`` is called when the person is logged in."""
        ask_to_log_in(self, then)

    def log_out(self, words: str = "") -> None:
        """Forget who was logged in, close what they had open, and show the status."""
        self.user = None
        self.memory.clear()
        self.stack.close_all()
        self.hub.in_pane = self.hub.wide = False
        self.go_home()
        self.say(words or _("Logged out."))
        self.rebuild()

    def open_shell(self) -> None:
        """Give the terminal to a shell of the person logged in."""
        if self._terminal is None or self.user is None:
            return
        record(self.actor, "shell", "done", "A shell was opened.")
        banner = _("Leave this shell with `exit` to come back to flexVDI Config.")
        try:
            self._terminal.run_program(self.host.shell_command(self.user), banner)
        except Failure as failure:
            show_failure(self.stack, failure)
        self.note_key()

    # --- keys ---

    def unhandled(self, key: Any) -> bool:
        """Keys that no widget wanted: the ones in the key line, and their twins."""
        found = find_key(key, console=self.console) if isinstance(key, str) else None
        if found is None:
            if isinstance(key, str) and len(key) == 1 and self.stack.top is None:
                self.say(_("F1 or Ctrl-G shows what the keys do."))
            return False
        if self.stack.top is None or found.over_dialogs:
            found.act(self)
        return True

    def _key_words(self, width: int) -> str:
        return key_line(
            width,
            self.navigation.names,
            console=self.console,
            logged_in=self.user is not None,
            inside=self.navigation.area is not None or (self.hub.in_pane and not self._in_flow),
        )

    def _header_words(self, width: int) -> str:
        address = self.status.management_address if self.status else None
        return header_line(
            NAME, self.identity.version, self.identity.hostname, address or "", width
        )

    def _crumb_words(self, width: int) -> str:
        trail = [self.navigation.area, self._entered if self.hub.in_pane else None]
        names = [page.title_for(self) for page in trail if page is not None]
        count = len(self.staging)
        right = _("changes not applied: {count}").format(count=count) if count else ""
        return crumb_line(names, self.pending_watch.words or right, width)

    def refresh_lines(self) -> None:
        """Bring the lines around the pane up to date."""
        for line in (self._header, self._crumbs, self._keys):
            line.refresh()

    def help(self) -> None:
        """What the keys do."""
        words = help_text(self.navigation.names, console=self.console)
        tell(self.stack, _("Help"), words)

    def session(self) -> None:
        """Log in or out."""
        if self.user is None:
            self.log_in()
        else:
            self.log_out()

    def redraw(self) -> None:
        """Draw everything anew, for a terminal on which something else has written."""
        if self._terminal is not None:
            self._terminal.redraw()

    def refresh(self) -> None:
        """Look at the host again."""
        self.say("")
        self.look()
        if self.hub.in_pane and self._entered is not None and self._entered.refresh is None:
            self.rebuild()

    def quit(self) -> None:
        """Leave, after a question if something would be lost."""
        flows.quit_application(self)

    # --- pages ---

    def go(self, name: str) -> None:
        """Enter the page ``name``, wherever it is; nothing happens where there is none."""
        place = self.navigation.find(name)
        if place is not None:
            self.hub.in_pane = self.hub.wide = False
            self._show_menu(place)
            self.rebuild()
            self._enter()

    def go_home(self) -> None:
        """Show the top of the menu."""
        self.navigation.leave()
        self._show_menu(0)
        self.rebuild()

    def _show_menu(self, place: int | None = None) -> None:
        area = self.navigation.area
        titles = [page.title_for(self) for page in self.navigation.level]
        self.menu.set_titles(titles, area.title_for(self) if area is not None else "", place)

    def _leave_area(self) -> bool:
        place = self.navigation.leave()
        if place is None:
            return False
        self._show_menu(place)
        self.rebuild()
        return True

    def _enter(self) -> None:
        page = self.page
        self.say("")
        if page.needs_login and self.user is None:
            self.log_in(then=lambda: self._enter_page(page))
        else:
            self._enter_page(page)

    def _enter_page(self, page: Page) -> None:
        if page.children:
            self.navigation.enter(page)
            self._show_menu(0)
            self.rebuild()
        elif page.act is not None:
            page.act(self)
        elif page.open is not None:
            self._open(page)

    def _open(self, page: Page) -> None:
        self._entered, self._in_flow = page, False
        build = page.open or page.preview
        self.hub.show(self._bounded(lambda: build(self)), enter=True, wide=page.wide)
        self.refresh_lines()

    def _bounded(self, build: Callable[[], Any]) -> Boundary:
        return Boundary(build, self.rebuild)
