"""The command ``flexvdi-manager``: the Manager itself, and what rescues one."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from foundation.command_line import OneLineParser, run_command
from manager.finding import modules_in
from manager.settings import DEFAULT_STATE, Endpoint, Settings

Command = Callable[[Settings, argparse.Namespace], int | None]


def main() -> None:
    """Entry point."""
    raise SystemExit(run_command(_main, sys.argv[1:]))


def _main(arguments: Sequence[str]) -> int | None:
    options = make_parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for chatty in ("alembic", "dbos", "uvicorn", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    run: Command = options.run
    return run(settings_of(options), options)


def make_parser() -> argparse.ArgumentParser:
    """The parser with all verbs; each module of ``manager.commands`` adds its own."""
    parser = OneLineParser(prog="flexvdi-manager", description="The flexVDI Manager.")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for module in modules_in("manager.commands"):
        module.add(verbs)
    return parser


def with_state(verb: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the options that say which Manager is meant."""
    verb.add_argument(
        "--state",
        type=Path,
        default=DEFAULT_STATE,
        metavar="DIR",
        help="the Manager's state folder",
    )
    verb.add_argument(
        "--database", default="", metavar="URL", help="sqlite:///FILE or postgresql://…"
    )
    verb.add_argument("--verbose", action="store_true", help="log more")
    return verb


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings that ``options`` say."""
    defaults = Settings(state=options.state.expanduser().absolute())
    return Settings(
        state=defaults.state,
        database=options.database,
        listen=getattr(options, "listen", defaults.listen),
        agents=getattr(options, "agents", defaults.agents),
        names=tuple(getattr(options, "name", None) or ()),
    )


def endpoint(text: str) -> Endpoint:
    """For argparse: ADDRESS:PORT."""
    return Endpoint.parse(text)
