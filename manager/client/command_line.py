"""The command ``flexvdi-managerctl``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

from foundation.command_line import EXIT_OK, OneLineParser, run_command
from foundation.failure import Failure
from foundation.secret import Secret
from manager.client.connection import Connection
from manager.client.exits import STATUS_OF
from manager.client.operation import Operation
from manager.client.operations import all_operations
from manager.client.own_verbs import add_own_verbs
from manager.client.parsing import PROGRAM, Run, make_parser
from manager.client.performing import perform
from manager.client.profile import this_profile
from manager.client.values import read_text

_TOKEN_FILE = "FLEXVDI_TOKEN_FILE"


def main() -> None:
    """Entry point."""
    raise SystemExit(run_command(_main, sys.argv[1:]))


def _main(arguments: Sequence[str]) -> int | None:
    options = whole_parser().parse_args(arguments)
    run: Run = options.run
    try:
        return run(options)
    except tuple(STATUS_OF) as failure:
        # run_command knows the statuses that all our commands share; these are our own.
        print(f"{PROGRAM}: {failure}", file=sys.stderr)
        return STATUS_OF[type(failure)]


def whole_parser() -> OneLineParser:
    """The parser with the API's operations and managerctl's own verbs."""
    parser, verbs = make_parser(all_operations(), _verb_of)
    add_own_verbs(verbs, connect, whole_parser)
    return parser


def _verb_of(operation: Operation) -> Run:
    def run(options: argparse.Namespace) -> int:
        perform(connect(options), operation, options)
        return EXIT_OK

    return run


def connect(options: argparse.Namespace) -> Connection:
    """A connection to the Manager that is known, as whoever is signed in or the token says.

    Raises Failure when no Manager is known.
    """
    profile = this_profile()
    known = profile.load()
    file = options.token_file or os.environ.get(_TOKEN_FILE)
    if file:
        token = Secret(read_text(file).strip())
        if not token:
            raise Failure(f"There is no token in {file}.", "Put the API token there, alone.")
        return Connection(known.url, profile.ca_file, token=token)
    session: Any = known.session
    return Connection(
        known.url,
        profile.ca_file,
        cookies=session.cookies if session else None,
        csrf=session.csrf if session else None,
    )


if __name__ == "__main__":
    main()
