"""The parser of managerctl, made from the table of operations."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from typing import Any

from foundation.command_line import OneLineParser
from manager.client.exits import MEANINGS
from manager.client.operation import Operation, Value

PROGRAM = "flexvdi-managerctl"
Run = Callable[[argparse.Namespace], "int | None"]

# The groups of verbs, as `--help` tells them.
GROUPS: dict[str, str] = {
    "account": "your own account: password and second factor",
    "administrator": "who may sign in, and as what",
    "audit": "who did what",
    "backup": "the Manager's own state",
    "certificate": "the Manager's certificate",
    "directory": "LDAP and Active Directory",
    "event": "what happened",
    "guest": "guests, on all hosts",
    "host": "the hosts of the platform",
    "join-token": "tokens that let a host join",
    "setting": "settings of the platform",
    "second-factor": "second factors of people of directories",
    "session": "who is signed in",
    "task": "long changes: following and cancelling them",
    "token": "API tokens, for programs",
}


class Verbs:
    """The verbs below a parser; those of two words stand in groups."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        """``parser`` has none yet."""
        self._first: Any = parser.add_subparsers(
            metavar="VERB", parser_class=OneLineParser, required=True
        )
        self._groups: dict[str, Any] = {}

    def add(self, name: str, help: str, run: Run) -> argparse.ArgumentParser:
        """The verb ``name``, which ``run`` does."""
        first, _space, rest = name.partition(" ")
        place = self._group(first) if rest else self._first
        verb: argparse.ArgumentParser = place.add_parser(
            rest or first, help=help, description=_sentence(help)
        )
        verb.set_defaults(run=run)
        return verb

    def _group(self, name: str) -> Any:
        if name not in self._groups:
            group = self._first.add_parser(
                name, help=GROUPS[name], description=_sentence(GROUPS[name])
            )
            self._groups[name] = group.add_subparsers(
                metavar="ACTION", parser_class=OneLineParser, required=True
            )
        return self._groups[name]


def make_parser(
    operations: Iterable[Operation], run: Callable[[Operation], Run]
) -> tuple[OneLineParser, Verbs]:
    """The parser with a verb for each of ``operations``; ``run`` gives what a verb does."""
    parser = OneLineParser(
        prog=PROGRAM,
        description="Administer a flexVDI platform through its Manager.",
        epilog="Exit statuses: " + "; ".join(f"{n}: {text}" for n, text in MEANINGS.items()) + ".",
    )
    parser.add_argument(
        "--token-file",
        metavar="FILE",
        help="act with the API token in FILE (or in the file that FLEXVDI_TOKEN_FILE names)",
    )
    verbs = Verbs(parser)
    for operation in sorted(operations, key=lambda each: each.verb):
        _add_options(verbs.add(operation.verb, operation.help, run(operation)), operation)
    return parser, verbs


def _add_options(verb: argparse.ArgumentParser, operation: Operation) -> None:
    for place in operation.places:
        verb.add_argument(f"place_{place}", metavar=place.upper().replace("_", "-"))
    for value in (*operation.query, *operation.body):
        _add_value(verb, value)
    if operation.asks:
        verb.add_argument("--yes", action="store_true", help="do not ask")
    if operation.downloads:
        verb.add_argument("--output", metavar="FILE", help="write to FILE, not to standard output")
    else:
        verb.add_argument("--json", action="store_true", help="answer in JSON")
    if operation.is_list:
        verb.add_argument("--all", action="store_true", help="all pages, not only one")
    if operation.method != "GET":
        verb.add_argument(
            "--no-wait", action="store_true", help="if this becomes a task, do not wait for its end"
        )


def _add_value(verb: argparse.ArgumentParser, value: Value) -> None:
    name = f"--{value.name}"
    settings: dict[str, Any] = {"dest": value.destination, "help": value.help}
    if value.kind == "yes":
        verb.add_argument(name, action=argparse.BooleanOptionalAction, **settings)
    elif value.kind == "secret":
        # Never the secret itself: everybody on a machine can read command lines.
        settings["help"] = f"{value.help}: the file that holds it, - for standard input"
        verb.add_argument(f"{name}-file", metavar="FILE", **settings)
    elif value.kind in ("list", "pairs"):
        settings |= {"metavar": _metavar(value), "required": value.required}
        verb.add_argument(name, action="append", **settings)
    else:
        verb.add_argument(
            name,
            required=value.required,
            choices=value.choices or None,
            metavar=None if value.choices else _metavar(value),
            type=int if value.kind == "number" else str,
            **settings,
        )


def _metavar(value: Value) -> str:
    if value.kind in ("file", "secret-file", "json"):
        return "FILE"
    if value.kind == "pairs":
        return "NAME=VALUE"
    return value.name.upper().replace("-", "_")


def _sentence(help: str) -> str:
    return f"{help[:1].upper()}{help[1:]}."
