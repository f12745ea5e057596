"""What a page is, and how pages are found: one module each under config_tui/pages.

A page's module defines ``PAGE``. Nothing else mentions it: deleting the file removes the feature.
A folder of pages is an area: its own ``PAGE`` is the entry that leads to them.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import ModuleType
from typing import TYPE_CHECKING, Any

import urwid

from config_tui.kit.text import _

if TYPE_CHECKING:
    from config_tui.application import Application


@dataclass(frozen=True)
class Action:
    """Something a page can do: a button's ``label`` (for translation) and what it does.

    ``verb`` is the command of flexvdi-config that does the same, as in ``network test``. ``run``
    gets the key of the row that has the focus, or "" where there are no rows.
    """

    label: str
    verb: str
    run: Callable[[Application, str], None]


@dataclass(frozen=True)
class Page:
    """An entry of the menu. ``title`` is translated when it is shown.

    ``preview`` is what the right pane shows while the menu passes over the entry, ``open`` what it
    becomes on Enter (None: there is nothing to enter, and Enter does ``act`` or leads to
    ``children``). ``rank`` orders the menu. ``verbs`` are the commands that show what the page
    shows; ``actions`` what it can do, each with its command. ``show_title`` lets the title follow
    the state; ``refresh`` brings what ``open`` made up to date when the host was looked at again.
    ``wide`` pages take the whole width.
    """

    name: str
    title: str
    rank: int
    preview: Callable[[Application], urwid.Widget]
    open: Callable[[Application], urwid.Widget] | None = None
    act: Callable[[Application], None] | None = None
    needs_login: bool = True
    verbs: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    refresh: Callable[[Application, Any], None] | None = None
    show_title: Callable[[Application], str] | None = None
    children: tuple[Page, ...] = ()
    wide: bool = False

    def title_for(self, application: Application) -> str:
        """The title to show now."""
        return self.show_title(application) if self.show_title else _(self.title)


def find_pages() -> tuple[Page, ...]:
    """All pages, in the menu's order, areas with theirs inside."""
    import config_tui.pages as package

    return _pages_in(package)


def all_pages(pages: tuple[Page, ...]) -> Iterator[Page]:
    """``pages`` and those below them."""
    for page in pages:
        yield page
        yield from all_pages(page.children)


def _pages_in(package: ModuleType) -> tuple[Page, ...]:
    pages = []
    for found in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{found.name}")
        if not hasattr(module, "PAGE"):  # what the pages of an area share
            continue
        page: Page = module.PAGE
        pages.append(replace(page, children=_pages_in(module)) if found.ispkg else page)
    return tuple(sorted(pages, key=lambda page: page.rank))
