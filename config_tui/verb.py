"""What a verb of flexvdi-config is, how verbs are found, and what they share.

A group of verbs is a module under config_tui/verbs with a function ``register(verbs)``. Nothing
else mentions it: deleting the file removes the verbs.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import signal
import sys
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Any

from foundation.command_line import EXIT_OK, OneLineParser
from foundation.failure import Failure
from host.api import HostApi

if TYPE_CHECKING:
    from host.jobs import JobEvent, JobRecord
    from host.plan import Plan

Verb = Callable[[HostApi, argparse.Namespace], "int | None"]


class Verbs:
    """Verbs below one parser: those of the program, or the actions of a group."""

    def __init__(self, parsers: Any, path: str = "") -> None:
        """``parsers`` is what argparse's ``add_subparsers`` returned."""
        self._parsers = parsers
        self._path = path
        self._groups: dict[str, Verbs] = {}

    def add(
        self, name: str, run: Verb, help: str, *, as_json: bool = True, description: str = ""
    ) -> argparse.ArgumentParser:
        """A verb that calls ``run``; ``as_json`` gives it ``--json``."""
        verb: argparse.ArgumentParser = self._parsers.add_parser(
            name, help=help, description=description or f"{help[:1].upper()}{help[1:]}."
        )
        verb.set_defaults(run=run, verb=f"{self._path} {name}".strip())
        if as_json:
            verb.add_argument("--json", action="store_true", help="answer in JSON")
        return verb

    def group(self, name: str, help: str) -> Verbs:
        """A verb that only has actions; modules that name the same one share it."""
        if name in self._groups:
            return self._groups[name]
        verb = self._parsers.add_parser(
            name, help=help, description=f"{help[:1].upper()}{help[1:]}."
        )
        actions = verb.add_subparsers(metavar="ACTION", parser_class=OneLineParser, required=True)
        self._groups[name] = Verbs(actions, f"{self._path} {name}".strip())
        return self._groups[name]


def register_all(verbs: Verbs) -> None:
    """Have every module of verbs register its own."""
    import config_tui.verbs as package

    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}").register(verbs)


def yes_option(verb: argparse.ArgumentParser) -> None:
    """``--yes``, for verbs that ask."""
    verb.add_argument("--yes", action="store_true", help="do not ask")


def ask(question: str, *, typed_input: bool = True) -> None:
    """Return on yes; raises Failure on anything else, and where nobody can be asked."""
    if not (typed_input and sys.stdin.isatty()):
        raise Failure("This needs a yes.", "Say --yes if you mean it.")
    if input(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
        raise Failure("Nothing was changed.")


def print_json(value: Any) -> None:
    """``value`` as JSON on standard output."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_plan(plan: Plan) -> None:
    """A plan in words."""
    if plan.is_empty:
        print("Nothing would change.")
    for change in plan.changes:
        print(f"- {change.summary}")
        for line in change.details.splitlines():
            print(f"    {line}")
    if not plan.changes and plan.document_changes:
        print("- The host document: change what it says, not what the host does")
    for risk in plan.risks:
        print(f"! {risk}")
    for note in plan.notes:
        print(f"({note})")


def print_step(event: JobEvent) -> None:
    """A job's step, as it begins."""
    if event.state == "running":
        print(f"[{event.number}/{event.total}] {event.title}", flush=True)


def answer_job(options: argparse.Namespace, record: JobRecord | None, otherwise: str) -> int:
    """Tell how a job ended; ``otherwise`` is for None, when nothing was to be done."""
    if options.json:
        print_json(record.as_dict() if record else None)
    else:
        print(f"Job {record.id} is {record.state}." if record else otherwise)
    return EXIT_OK


def until_interrupted(work: Callable[[Event], Any]) -> Any:
    """Call ``work`` with an event that Ctrl-C sets, so that it can put things back and end."""
    cancel = Event()
    previous = signal.signal(signal.SIGINT, lambda _number, _frame: cancel.set())
    try:
        return work(cancel)
    finally:
        signal.signal(signal.SIGINT, previous)
