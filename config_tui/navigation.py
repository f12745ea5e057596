"""Where in the menu a person is: the level, which is the top or an area, and the page."""

from __future__ import annotations

from config_tui.page import Page, all_pages


class Navigation:
    """The pages and the way down to the level shown."""

    def __init__(self, pages: tuple[Page, ...]) -> None:
        """Start at the top."""
        self.pages = pages
        self.area: Page | None = None
        self.names = frozenset(page.name for page in all_pages(pages))

    @property
    def level(self) -> tuple[Page, ...]:
        """The entries of the menu now."""
        return self.area.children if self.area is not None else self.pages

    def enter(self, area: Page) -> None:
        """Show the pages of ``area``."""
        self.area = area

    def leave(self) -> int | None:
        """Go back to the top; returns the area's place there, None when already at the top."""
        if self.area is None:
            return None
        place = self.pages.index(self.area)
        self.area = None
        return place

    def find(self, name: str) -> int | None:
        """Show the level on which the page ``name`` is; returns its place, None if there is none.

        Where there is no such page nothing moves.
        """
        for area in (None, *(page for page in self.pages if page.children)):
            for place, page in enumerate(self.pages if area is None else area.children):
                if page.name == name:
                    self.area = area
                    return place
        return None
