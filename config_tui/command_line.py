"""The command ``flexvdi-config``: without a verb the text UI, with one the same work at once."""

from __future__ import annotations

import argparse
import logging
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from config_tui.verb import Verb, Verbs, print_json, register_all
from foundation.command_line import EXIT_OK, OneLineParser, ScreenFormatter, run_command
from foundation.failure import Failure
from foundation.journal import JournalHandler
from host.api import HostApi, open_host
from host.audit import IDENTIFIER, session_user, this_actor


def main() -> None:
    """Entry point."""
    raise SystemExit(run_command(_main, sys.argv[1:]))


def _main(arguments: Sequence[str]) -> int | None:
    arguments = without_shell_option(arguments)
    # The text UI is on the screen before a parser with all verbs could be made.
    options = make_parser(with_verbs=_names_a_verb(arguments)).parse_args(arguments)
    _log(logging.INFO if getattr(options, "boot", False) else logging.ERROR)
    host = open_host(options.simulate)
    verb: Verb = getattr(options, "run", _open_ui)
    try:
        return verb(host, options)
    except Failure as failure:
        if getattr(options, "json", False):  # who reads this reads no standard error
            print_json({"failure": failure.as_dict()})
        raise


def _log(level: int) -> None:
    """Details go to the journal, with tracebacks; lines from ``level`` on to the screen as well."""
    lines = logging.StreamHandler(sys.stderr)
    lines.setLevel(level)
    lines.setFormatter(ScreenFormatter("%(name)s: %(message)s"))
    logging.basicConfig(
        level=min(level, logging.WARNING), handlers=[lines, JournalHandler(IDENTIFIER)]
    )


def without_shell_option(arguments: Sequence[str]) -> list[str]:
    """What is asked of flexvdi-config where it is somebody's log-in shell.

    sshd and su then hand over ``-c COMMAND``: a verb with its arguments, with or without the
    program's own name. Other commands are refused; they would need another shell.
    """
    if list(arguments[:1]) != ["-c"] or len(arguments) < 2:
        return list(arguments)
    try:
        words = shlex.split(arguments[1])
    except ValueError as error:
        raise Failure(f"This command cannot be read: {error}.") from error
    if words[:1] == ["flexvdi-config"]:
        return words[1:]
    if words and words[0] not in _verbs():
        raise Failure(
            f"“{words[0]}” cannot be run here: this log-in only takes verbs of flexvdi-config.",
            "See flexvdi-config --help, or log in as somebody with another shell.",
        )
    return words


def _verbs() -> set[str]:
    parser = make_parser()
    actions = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return {name for action in actions for name in action.choices}


def make_parser(*, with_verbs: bool = True) -> argparse.ArgumentParser:
    """The parser; every verb that does something sets ``run``, and ``verb`` to its name."""
    parser = OneLineParser(
        prog="flexvdi-config",
        description="Show and change this host. Without a verb, open the text UI.",
    )
    parser.add_argument(
        "--simulate", type=Path, metavar="FILE", help="work on the simulated machine in FILE (JSON)"
    )
    if with_verbs:
        register_all(Verbs(parser.add_subparsers(metavar="VERB", parser_class=OneLineParser)))
    return parser


def _names_a_verb(arguments: Sequence[str]) -> bool:
    alone = list(arguments)
    if alone[:1] == ["--simulate"]:
        alone = alone[2:]
    return bool(alone)


def _open_ui(host: HostApi, options: argparse.Namespace) -> int | None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Failure(
            "The text UI needs a terminal.", "Use a verb instead; see flexvdi-config --help."
        )
    # urwid looks for every event loop there is; one that merely happens to be installed would take
    # longer to load than everything until the first screen.
    for unused in ("trio", "tornado", "twisted", "zmq"):
        # None is what import takes for "there is no such module"; the type knows only modules.
        sys.modules.setdefault(unused, None)  # type: ignore[arg-type]
    from config_tui.application import Application
    from config_tui.kit.language import locale_of, use_language

    use_language(locale_of(os.environ))
    user = session_user() if options.simulate is None and os.geteuid() == 0 else None
    console = user is None and options.simulate is None
    logging.getLogger().handlers[:] = [JournalHandler(IDENTIFIER)]  # none to the screen
    Application(host, this_actor(), user=user, console=console).run()
    return EXIT_OK


if __name__ == "__main__":
    main()
