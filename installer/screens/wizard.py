"""The questions, one page each, in order. Back keeps what was typed; the last page begins it all.

Pages are built once and kept, so going back shows exactly what was left. The wizard hands over an
InstallPlan and knows nothing of the engine but the two functions that it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

import urwid

from config_tui.kit.dialog import DialogStack
from config_tui.kit.tasks import Tasks
from foundation.failure import Failure
from installer.machine.model import Machine
from installer.screens.draft import Draft, plan_of
from installer.screens.page_disks import DisksPage
from installer.screens.page_forms import identity_page, locale_page, network_page, password_page
from installer.screens.page_summary import SummaryPage
from kickstart.install_plan import InstallPlan

Check = Callable[[InstallPlan], dict[str, Any]]
Start = Callable[[InstallPlan], None]


class Page(Protocol):
    """A page has a title, which tests wait for, and a widget."""

    @property
    def title(self) -> str:
        """What the header shows."""

    @property
    def widget(self) -> urwid.Widget:
        """What the body shows."""

    def enter(self, draft: Draft) -> None:
        """Called each time the page is shown."""


class Wizard:
    """Leads through the pages. ``on_shown`` is told the page to show; ``leave`` is Back on the
    first page.
    """

    def __init__(
        self,
        machine: Machine,
        unpacked_size: int,
        *,
        stack: DialogStack,
        tasks: Tasks,
        check: Check,
        start: Start,
        on_shown: Callable[[Page], None],
        leave: Callable[[], None],
    ) -> None:
        """Begin at the first page."""
        self.draft = Draft()
        self._machine = machine
        self._unpacked_size = unpacked_size
        self._on_shown = on_shown
        self._leave = leave
        self._place = 0
        summary = SummaryPage(
            machine, self._plan, stack=stack, tasks=tasks, check=check, start=start, back=self.back
        )
        self.pages: tuple[Page, ...] = (
            locale_page(stack, self._take, self.back),
            DisksPage(machine, stack, self._take, self.back),
            network_page(machine, stack, self._take, self.back),
            identity_page(stack, self._take, self.back),
            password_page(tasks, stack, self._take, self.back),
            summary,
        )

    @property
    def page(self) -> Page:
        """The page that is shown."""
        return self.pages[self._place]

    def show(self) -> None:
        """Show the page in turn."""
        self.page.enter(self.draft)
        self._on_shown(self.page)

    def back(self) -> None:
        """One page back; from the first one, leave."""
        if self._place == 0:
            self._leave()
            return
        self._place -= 1
        self.show()

    def _take(self, changes: dict[str, Any]) -> None:
        self.draft = replace(self.draft, **changes)
        self._place += 1
        self.show()

    def _plan(self) -> InstallPlan:
        try:
            return plan_of(self.draft, self._machine, self._unpacked_size)
        except ValueError as error:
            raise Failure(
                f"The answers do not fit together: {error}.", "Go back and correct them."
            ) from error
