"""Carrying an operation out: ask, call, follow the task, show the answer."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from foundation.failure import Failure
from manager.client.connection import Connection
from manager.client.following import follow
from manager.client.operation import Operation
from manager.client.output import print_facts, print_json, print_table
from manager.client.values import body_of, path_of, query_of

# Answers that are a test of something have their lines under this name, with cause and remedy.
CHECKS = "checks"


def perform(connection: Connection, operation: Operation, options: argparse.Namespace) -> None:
    """Do ``operation`` as ``options`` say; raises Failure."""
    if operation.asks and not options.yes:
        ask(operation.asks.format(*(getattr(options, f"place_{p}") for p in operation.places)))
    path, query = path_of(operation, options), query_of(operation, options)
    if operation.downloads:
        _download(connection, path, query, options.output)
        return
    answer = connection.call(operation.method, path, query=query, body=body_of(operation, options))
    if operation.is_list and options.all:
        answer = _with_all_pages(connection, path, query, answer)
    if operation.method != "GET" and _is_task(answer) and not options.no_wait:
        task = follow(connection, answer["task"], quiet=options.json)
        answer = task if options.json else task.get("result")
    show(operation, answer, as_json=options.json)
    if operation.items == CHECKS and answer["state"] == "failed":
        raise Failure("Not all is as it must be.", "The checks that failed say what to do.")


def show(operation: Operation, answer: Any, *, as_json: bool) -> None:
    """Print ``answer``."""
    if as_json:
        print_json(answer)
    elif answer is None or answer == {}:
        print(operation.done or "Done.")
    elif isinstance(answer, str):
        print(answer, end="" if answer.endswith("\n") else "\n")
    elif _items_of(operation, answer) is not None:
        _show_list(operation, answer)
    elif operation.done:
        print(operation.done)
    else:
        print_facts({key: answer[key] for key in answer if key not in operation.hides})


def ask(question: str) -> None:
    """Return on yes; raises Failure on anything else, and where nobody can be asked."""
    if not sys.stdin.isatty():
        raise Failure("This needs a yes.", "Say --yes if you mean it.")
    if input(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
        raise Failure("Nothing was changed.")


def _show_list(operation: Operation, answer: Any) -> None:
    items = _items_of(operation, answer) or []
    if not items:
        print("There are none.")
        return
    if operation.columns:
        print_table(operation.columns, items)
        if operation.items == CHECKS:
            _explain(items)
    else:
        for number, item in enumerate(items):
            if number:
                print()
            print_facts(item)
    if isinstance(answer, dict) and answer.get("next"):
        print(f"(more: --after {answer['next']}, or --all)", file=sys.stderr)


def _explain(checks: list[dict[str, Any]]) -> None:
    """Cause and remedy, on lines of their own: no terminal is as wide as both."""
    for check in checks:
        if check["cause"]:
            where = f" ({check['where']})" if check["where"] else ""
            print(f"\n{check['title']}{where}: {check['state']}.\n  {check['cause']}")
            print(f"  {check['remedy']}")


def _items_of(operation: Operation, answer: Any) -> list[Any] | None:
    found = answer.get(operation.items) if isinstance(answer, dict) else answer
    return found if isinstance(found, list) else None


def _with_all_pages(
    connection: Connection, path: str, query: dict[str, Any], first: dict[str, Any]
) -> dict[str, Any]:
    items, page = list(first["items"]), first
    while page.get("next"):
        page = connection.call("GET", path, query={**query, "after": page["next"]})
        items += page["items"]
    return {**first, "items": items, "next": None}


def _is_task(answer: Any) -> bool:
    return isinstance(answer, dict) and set(answer) == {"task"}


def _download(connection: Connection, path: str, query: dict[str, Any], output: str | None) -> None:
    pieces = connection.download(path, query)
    if output is None or output == "-":
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    half = Path(f"{output}.part")
    try:
        with half.open("wb") as stream:
            half.chmod(0o600)
            for piece in pieces:
                stream.write(piece)
        half.replace(output)
    except OSError as error:
        raise Failure(
            f"{output} cannot be written: {error.strerror}.", "Check the folder and its space."
        ) from error
    finally:
        half.unlink(missing_ok=True)
