"""From options to what is sent: files are read, secrets asked for, times written as the API's."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from pathlib import Path
from typing import Any

from foundation.failure import Failure, WrongArgument
from manager.client.operation import Operation, Value


def query_of(operation: Operation, options: argparse.Namespace) -> dict[str, Any]:
    """What goes behind the question mark."""
    return _given(operation.query, options)


def body_of(operation: Operation, options: argparse.Namespace) -> Any:
    """What is sent as JSON; None when the operation takes nothing.

    Raises Failure when a file cannot be read or a secret not be asked for.
    """
    if not operation.body and not operation.fixed:
        return None
    given = {**operation.fixed, **_given(operation.body, options)}
    whole = given.pop("", None)
    return {**whole, **given} if isinstance(whole, dict) else given


def path_of(operation: Operation, options: argparse.Namespace) -> str:
    """The path with the arguments in their places."""
    from urllib.parse import quote

    places = {name: quote(getattr(options, f"place_{name}"), safe="") for name in operation.places}
    return operation.path.format(**places)


def _given(values: tuple[Value, ...], options: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for value in values:
        text = getattr(options, value.destination)
        if value.kind == "secret":
            if text is not None or value.required:
                given = secret(text, value.ask or value.help)
                found[value.key] = None if value.nullable and not given else given
        elif text is not None:
            found[value.key] = _sent(value, text)
    return found


def _sent(value: Value, text: Any) -> Any:
    if value.kind == "yes":
        return bool(text)
    if value.kind == "pairs":
        return dict(_pair(each) for each in text)
    if value.kind in ("file", "secret-file"):
        return read_text(text)
    if value.kind == "json":
        try:
            return json.loads(read_text(text))
        except json.JSONDecodeError as error:
            raise WrongArgument(
                f"This is no JSON: {error.msg}.", where=f"{text}:{error.lineno}"
            ) from error
    return text


def _pair(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign:
        raise WrongArgument(f"“{text}” sets nothing.", "Write NAME=VALUE.")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def secret(file: str | None, question: str) -> str:
    """The first line of ``file`` (``-``: standard input), or what is typed unseen.

    Raises Failure where nobody can be asked.
    """
    if file is not None:
        return read_text(file).split("\n", 1)[0].rstrip("\r")
    if not sys.stdin.isatty():
        raise Failure(
            f"A secret is needed: {question}.", "Give the file that holds it, or - for stdin."
        )
    return getpass.getpass(f"{question[:1].upper()}{question[1:]}: ")


def read_text(file: str) -> str:
    """What ``file`` holds; ``-`` is standard input. Raises Failure."""
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise Failure(f"{file} cannot be read: {reason}.", "Check its name and mode.") from error
