"""The verbs of a command as a tree of values, read from its parser.

Manual and completion are made from it, so that they cannot say anything else than the parser.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

_FILE = "FILE"


@dataclass(frozen=True)
class Option:
    """An option: its ``names``, and what its value is called; empty when it takes none."""

    names: tuple[str, ...]
    value: str
    choices: tuple[str, ...]
    required: bool
    help: str

    @property
    def takes_file(self) -> bool:
        """Whether its value is the name of a file."""
        return self.value == _FILE


@dataclass(frozen=True)
class Place:
    """An argument that is known by its place: ``name`` as the usage line shows it."""

    name: str
    shown: str
    choices: tuple[str, ...]
    help: str


@dataclass(frozen=True)
class VerbNode:
    """A verb or group of verbs; ``path`` are the words that lead to it."""

    path: tuple[str, ...]
    help: str
    description: str
    options: tuple[Option, ...]
    places: tuple[Place, ...]
    children: tuple[VerbNode, ...]

    def walk(self) -> Iterator[VerbNode]:
        """This node and all below it, each before its children."""
        yield self
        for child in self.children:
            yield from child.walk()


def tree_of(
    parser: argparse.ArgumentParser, path: tuple[str, ...] = (), help: str = ""
) -> VerbNode:
    """The tree below ``parser``; children are in alphabetical order."""
    options: list[Option] = []
    places: list[Place] = []
    children: list[VerbNode] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {each.dest: each.help or "" for each in action._choices_actions}
            children = [
                tree_of(child, (*path, name), helps.get(name, ""))
                for name, child in sorted(action.choices.items())
            ]
        elif action.option_strings:
            options.append(_option(action))
        else:
            places.append(_place(action))
    return VerbNode(
        path, help, parser.description or "", tuple(options), tuple(places), tuple(children)
    )


def _option(action: argparse.Action) -> Option:
    choices = tuple(str(choice) for choice in action.choices or ())
    value = ""
    if action.nargs != 0:
        value = str(action.metavar or ("|".join(choices) or action.dest.upper().replace("_", "-")))
    return Option(
        tuple(action.option_strings), value, choices, action.required, _in_words(action.help)
    )


def _place(action: argparse.Action) -> Place:
    name = str(action.metavar or action.dest)
    shown = {"?": f"[{name}]", "*": f"[{name} ...]", "+": f"{name} [...]"}.get(
        str(action.nargs), name
    )
    choices = tuple(str(choice) for choice in action.choices or ())
    return Place(name, shown, choices, _in_words(action.help))


def _in_words(help: str | None) -> str:
    return (help or "").replace("%%", "%")
