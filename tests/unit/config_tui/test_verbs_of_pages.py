"""No action exists on a page that the command line lacks, and no button is without an action."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import pytest

from config_tui.command_line import make_parser
from config_tui.kit.dialog import Button
from config_tui.kit.form import Form
from config_tui.kit.panel import ButtonFlow
from config_tui.page import Page, all_pages, find_pages
from tests.unit.config_tui.screens import Driver

PAGES = {page.name: page for page in all_pages(find_pages())}
# Buttons that change nothing on the host: they lead on, or back.
LEADING = {"Try again", "Cancel", "Back", "Close"}


def verbs_of(parser: argparse.ArgumentParser, before: str = "") -> set[str]:
    """Every verb a parser knows, with its actions: ``job list``."""
    found = set()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, child in action.choices.items():
                found |= {f"{before}{name}"} | verbs_of(child, f"{before}{name} ")
        elif not action.option_strings and action.choices:
            found |= {f"{before}{choice}" for choice in action.choices}
    return found


KNOWN = verbs_of(make_parser())


@pytest.mark.parametrize("name", PAGES)
def test_every_action_of_a_page_has_its_verb(name: str) -> None:
    page = PAGES[name]
    wanted = {*page.verbs, *(action.verb for action in page.actions)}
    assert wanted <= KNOWN, f"{name}: no such verb: {', '.join(sorted(wanted - KNOWN))}"
    assert wanted or name == "session"


# What these write is no answer: a script, a page, and what a terminal shows.
STREAMS = {"completion bash", "manual", "manager console", "shell"}


def without_json(parser: argparse.ArgumentParser, before: str = "") -> set[str]:
    """The verbs that do not take ``--json``."""
    found = set()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, child in action.choices.items():
                found |= without_json(child, f"{before} {name}".strip())
            return found
    takes = any("--json" in action.option_strings for action in parser._actions)
    return set() if takes else {before}


def test_every_verb_answers_in_json() -> None:
    assert without_json(make_parser()) == STREAMS


def buttons_in(widget: Any, seen: set[int]) -> Iterator[Button]:
    """The buttons of a page, wherever they are in it."""
    if id(widget) in seen:
        return
    seen.add(id(widget))
    if isinstance(widget, Button):
        yield widget
        return
    inside: list[Any] = []
    if isinstance(widget, ButtonFlow):
        inside += widget.buttons
    if isinstance(widget, Form):
        inside += [widget._list]
    for name in ("original_widget", "_w", "base_widget", "page"):
        found = getattr(widget, name, None)
        inside += [found] if found is not None and not callable(found) else []
    contents = getattr(widget, "contents", None)
    if isinstance(contents, list) or hasattr(contents, "__iter__"):
        inside += [item[0] if isinstance(item, tuple) else item for item in contents or ()]
    body = getattr(widget, "body", None)
    inside += list(body) if hasattr(body, "__iter__") else [body] if body is not None else []
    for child in inside:
        yield from buttons_in(child, seen)


ENTERED = [page.name for page in PAGES.values() if page.open is not None]


@pytest.mark.parametrize("name", ENTERED)
def test_every_button_of_a_page_is_one_of_its_actions(name: str) -> None:
    screen = Driver(machine="hospital").look().as_root().go(name)
    known = {action.label for action in PAGES[name].actions} | LEADING
    labels = {button.label for button in buttons_in(screen.application.hub.pane, set())}
    assert labels <= known, f"{name}: {labels - known}"


def test_the_buttons_of_a_page_are_seen_by_these_tests() -> None:
    screen = Driver(machine="hospital").look().as_root().go("network-bonds")
    labels = {button.label for button in buttons_in(screen.application.hub.pane, set())}
    assert labels == {"Add", "Edit", "Remove"}


def test_pages_are_found_by_being_there() -> None:
    pages = find_pages()
    areas = {page.name for page in pages if page.children}
    assert areas == {"manager", "network", "storage", "security", "system", "support"}
    for page in all_pages(pages):
        assert bool(page.children) + (page.open is not None) + (page.act is not None) == 1

    def names(pages: tuple[Page, ...]) -> list[str]:
        return [page.name for page in all_pages(pages)]

    assert len(names(pages)) == len(set(names(pages)))
