"""``flexvdi-install``: the installer's engine, its consoles, and what is useful beside them."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from foundation.command_line import OneLineParser, run_command
from installer.engine.server import SOCKET_PATH
from installer.engine.service import EngineOptions

RUN_FOLDER = Path("/run/flexvdi/installer")


def main() -> int:
    """Entry point of the command."""
    return run_command(_main, sys.argv[1:])


def parser() -> OneLineParser:
    """The command's arguments."""
    top = OneLineParser(prog="flexvdi-install", description="Installs flexVDI hosts.")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")

    engine = verbs.add_parser("engine", help="run the installation's engine (in the live system)")
    _add_place(engine)
    engine.add_argument("--kickstart", default="", metavar="PLACE", help="as inst.ks= names it")
    _add_simulation(engine)

    console = verbs.add_parser("console", help="show the installation on this terminal")
    _add_place(console)
    console.add_argument("--plain", action="store_true", help="plain lines instead of screens")

    running = verbs.add_parser("run", help="install by a kickstart, from this live system")
    _add_place(running)
    running.add_argument("--kickstart", required=True, type=_place, metavar="PLACE",
                         help="a file, or any place that inst.ks= may name")  # fmt: skip
    running.add_argument("--plain", action="store_true", help="plain lines instead of screens")
    running.add_argument("--countdown", type=_seconds, metavar="SECONDS",
                         help="seconds before the first write (0: none)")  # fmt: skip
    _add_simulation(running)

    checking = verbs.add_parser("check", help="check a kickstart against a machine; writes nothing")
    checking.add_argument("kickstart", type=Path)
    checking.add_argument("--machine", type=Path, help="a machine in JSON instead of this one")
    checking.add_argument("--medium", type=Path, help="folder of the medium (default: found)")
    checking.add_argument("--json", action="store_true", help="print JSON")

    probing = verbs.add_parser("probe", help="show this machine as the installer sees it")
    probing.add_argument("--json", action="store_true", help="print JSON")

    verifying = verbs.add_parser("verify-medium", help="compare the medium with its manifest")
    verifying.add_argument("--medium", type=Path, help="its folder (default: found)")
    verifying.add_argument("--no-menu", action="store_true", help="end without asking what to do")

    rescuing = verbs.add_parser("rescue", help="mount an installed host and open a shell")
    rescuing.add_argument("--list", action="store_true", help="list the installed hosts and end")

    finishing = verbs.add_parser("finish", help="make a host of what stock Anaconda installed")
    finishing.add_argument("--kickstart", type=Path, required=True, metavar="FILE")

    saving = verbs.add_parser("save-logs", help="save the installation's logs")
    saving.add_argument("target", help="a URL (PUT), a folder, a device or LABEL=NAME of a stick")
    saving.add_argument("--folder", type=Path, default=RUN_FOLDER, help="the installer's folder")
    return top


def _add_place(verb: OneLineParser) -> None:
    verb.add_argument("--socket", type=Path, default=SOCKET_PATH, help="the engine's socket")
    verb.add_argument("--folder", type=Path, default=RUN_FOLDER, help="journal and log go here")


def _add_simulation(verb: OneLineParser) -> None:
    verb.add_argument("--simulate", type=Path, metavar="MACHINE.json",
                      help="a dry run on the machine described there")  # fmt: skip
    verb.add_argument("--pace", type=_pace, default=1.0, metavar="SECONDS",
                      help="how long each pretended step takes")  # fmt: skip
    verb.add_argument("--fail-at", default="", metavar="STEP", help="a pretended step to fail once")
    verb.add_argument("--kernel-arguments", default=None, metavar="TEXT",
                      help="instead of the kernel's command line")  # fmt: skip


def _place(text: str) -> str:
    """A path of this system becomes what ``inst.ks=`` calls ``file:``."""
    known = ("http:", "https:", "nfs:", "hd:", "cdrom:", "file:")
    if text.startswith(known) or text == "cdrom":
        return text
    return f"file:{Path(text).absolute()}"


def _seconds(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentTypeError(f"“{text}” is no number of seconds")
    return int(text)


def _pace(text: str) -> float:
    try:
        pace = float(text)
    except ValueError:
        pace = -1.0
    if not 0 <= pace <= 3600:
        raise ArgumentTypeError(f"“{text}” is no number of seconds")
    return pace


def _main(arguments: Sequence[str]) -> int:
    given = parser().parse_args(arguments)
    return _VERBS[given.verb](given)


def _engine_options(given: Namespace, more_arguments: str = "") -> EngineOptions:
    return EngineOptions(
        socket=given.socket,
        folder=given.folder,
        kickstart=given.kickstart,
        kernel_arguments=given.kernel_arguments,
        more_arguments=more_arguments,
        simulate=given.simulate,
        pace=given.pace,
        fail_at=given.fail_at,
    )


def _engine(given: Namespace) -> int:
    from installer.engine.service import serve

    return serve(_engine_options(given))


def _console(given: Namespace) -> int:
    from installer.screens.console import show_console

    return show_console(given.socket, plain=given.plain)


def _run(given: Namespace) -> int:
    from installer.run_verb import run_here

    more = "" if given.countdown is None else f"inst.countdown={given.countdown}"
    return run_here(_engine_options(given, more), plain=given.plain)


def _check(given: Namespace) -> int:
    from installer.check_verb import check

    return check(given.kickstart, given.machine, given.medium, as_json=given.json)


def _probe(given: Namespace) -> int:
    from installer.machine.probe import probe_machine
    from installer.probe_verb import describe_machine

    machine = probe_machine()
    if given.json:
        print(json.dumps(machine.model_dump(mode="json"), indent=2))
    else:
        print(describe_machine(machine))
    return 0


def _verify(given: Namespace) -> int:
    from installer.verify_medium import verify_medium

    return verify_medium(given.medium, menu=not given.no_menu)


def _rescue(given: Namespace) -> int:
    from installer.rescue import rescue

    return rescue(list_only=given.list)


def _finish(given: Namespace) -> int:
    from installer.finish_verb import finish

    return finish(given.kickstart)


def _save_logs(given: Namespace) -> int:
    from installer.engine.plan_secrets import masking_for
    from installer.log_saving import save_logs

    print(f"Saved: {save_logs(given.folder, given.target, masking_for(given.folder))}")
    return 0


_VERBS: dict[str, Callable[[Namespace], int]] = {
    "engine": _engine,
    "console": _console,
    "run": _run,
    "check": _check,
    "probe": _probe,
    "verify-medium": _verify,
    "rescue": _rescue,
    "finish": _finish,
    "save-logs": _save_logs,
}


if __name__ == "__main__":
    sys.exit(main())
