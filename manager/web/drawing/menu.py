"""The main menu: what it offers, and to whom."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from manager.access.principal import Principal
from manager.access.role import ADMINISTRATORS, ANYBODY, AUDITORS, Role
from manager.finding import modules_in


@dataclass(frozen=True)
class Entry:
    """A page in the menu; only ``roles`` see it. The server refuses the others by itself."""

    path: str
    title: str
    icon: str
    roles: tuple[Role, ...] = ANYBODY


@dataclass(frozen=True)
class Group:
    """Entries under a title; the first group has none."""

    title: str
    entries: tuple[Entry, ...]


MENU: tuple[Group, ...] = (
    Group(
        "",
        (
            Entry("/", "Overview", "overview"),
            Entry("/hosts", "Hosts", "host"),
            Entry("/guests", "Guests", "guest"),
        ),
    ),
    Group(
        "Activity",
        (
            Entry("/tasks", "Tasks", "task"),
            Entry("/events", "Events", "event"),
            Entry("/audit", "Audit log", "audit", AUDITORS),
        ),
    ),
    Group(
        "Administration",
        (
            Entry("/administrators", "Administrators", "administrators", ADMINISTRATORS),
            Entry("/directories", "Directories", "directory", ADMINISTRATORS),
            Entry("/settings", "Settings", "settings", ADMINISTRATORS),
            Entry("/backups", "Backups", "backup", ADMINISTRATORS),
            Entry("/certificate", "Certificate", "key", ADMINISTRATORS),
            Entry("/about", "About", "about"),
        ),
    ),
)


@functools.cache
def _pages() -> frozenset[str]:
    """The paths that there are: taking a module of pages away takes its entry away too."""
    return frozenset(
        route.path
        for module in modules_in("manager.web")
        for route in getattr(getattr(module, "ROUTER", None), "routes", ())
    )


def menu_for(principal: Principal) -> tuple[Group, ...]:
    """What ``principal`` may open of the pages that there are."""
    paths = _pages()
    groups = (
        Group(
            group.title,
            tuple(
                entry
                for entry in group.entries
                if entry.path in paths and principal.may(entry.roles)
            ),
        )
        for group in MENU
    )
    return tuple(group for group in groups if group.entries)
