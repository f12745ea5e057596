"""The command ``flexvdi-agent``: run the Agent, or ask how it is doing."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from foundation.command_line import EXIT_FAILED, EXIT_OK, OneLineParser, run_command
from host.api import HostApi, open_host
from host.backends.real.files import RealFiles


def main() -> None:
    """Entry point."""
    raise SystemExit(run_command(_main, sys.argv[1:]))


def _main(arguments: Sequence[str]) -> int:
    options = make_parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO, format="%(name)s: %(message)s", stream=sys.stderr, force=True
    )
    for chatty in ("websockets", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    status: int = options.do(options)
    return status


def make_parser() -> argparse.ArgumentParser:
    """The parser, with all verbs."""
    parser = OneLineParser(
        prog="flexvdi-agent", description="Stand between this host and the platform's Manager."
    )
    parser.add_argument(
        "--root",
        type=Path,
        default=Path("/"),
        metavar="DIR",
        help="where the Agent's own files are, instead of below /",
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    run = verbs.add_parser("run", help="run until SIGTERM")
    run.add_argument(
        "--simulate",
        type=Path,
        metavar="FILE",
        help="be the Agent of the simulated machine in FILE",
    )
    run.set_defaults(do=_run)
    status = verbs.add_parser("status", help="say how the Agent is doing; 1 if not connected")
    status.add_argument("--json", action="store_true", help="answer in JSON")
    status.set_defaults(do=_status)
    return parser


def _run(options: argparse.Namespace) -> int:
    host = open_host(options.simulate)
    asyncio.run(_run_until_told(host, options.root))
    return EXIT_OK


async def _run_until_told(host: HostApi, root: Path) -> None:
    from agent.daemon import Agent

    agent = Agent(host, RealFiles(root), root)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, agent.stop)
    await agent.run()


def _status(options: argparse.Namespace) -> int:
    from agent.report import read_report

    said = read_report(RealFiles(options.root))
    state = said.get("state", "not running")
    if options.json:
        print(json.dumps({**said, "state": state}, indent=2))
    else:
        print(f"The Agent is {state}.")
        for part in ("cause", "remedy"):
            if said.get(part):
                print(f"  {said[part]}")
    return EXIT_OK if state == "connected" else EXIT_FAILED


if __name__ == "__main__":
    main()
