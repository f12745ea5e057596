"""What a page is, and how pages are found: one module each under config_tui/pages.

A page's module defines ``PAGE``. Nothing else mentions it: deleting the file removes the feature.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import urwid

if TYPE_CHECKING:
    from config_tui.application import Application


@dataclass(frozen=True)
class Page:
    """An entry of the menu.

    ``preview`` is what the right pane shows while the menu passes over the entry, ``open`` what it
    becomes on Enter (None: there is nothing to enter, and Enter does ``act``). ``rank`` orders the
    menu. ``verbs`` are the commands of flexvdi-config that do what the page does. ``show_title``
    lets the title follow the state; ``refresh`` brings what ``open`` made up to date when the host
    was looked at again.
    """

    name: str
    title: str
    rank: int
    preview: Callable[[Application], urwid.Widget]
    open: Callable[[Application], urwid.Widget] | None = None
    act: Callable[[Application], None] | None = None
    needs_login: bool = True
    verbs: tuple[str, ...] = ()
    refresh: Callable[[Application, Any], None] | None = None
    show_title: Callable[[Application], str] | None = None

    def title_for(self, application: Application) -> str:
        """The title to show now."""
        return self.show_title(application) if self.show_title else self.title


def find_pages() -> tuple[Page, ...]:
    """All pages, in the menu's order."""
    import config_tui.pages as package

    pages: list[Page] = [
        importlib.import_module(f"{package.__name__}.{module.name}").PAGE
        for module in pkgutil.iter_modules(package.__path__)
    ]
    return tuple(sorted(pages, key=lambda page: page.rank))
