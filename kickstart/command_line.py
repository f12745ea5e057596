"""``flexvdi-kickstart``: render templates, list them, and check kickstarts."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from foundation.atomic_file import write_atomically
from foundation.command_line import EXIT_FAILED, EXIT_OK, OneLineParser, run_command
from foundation.failure import Failure
from foundation.secret import Secret
from kickstart.catalogue import TEMPLATES, find_template
from kickstart.description import describe
from kickstart.reading import KickstartRefused, read_kickstart
from kickstart.rendering import AnacondaImage, render
from kickstart.variables import Variable

_PRIVATE = 0o600


def main() -> None:
    """The program's entry point."""
    sys.exit(run_command(_run, sys.argv[1:]))


def _run(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(list(arguments))
    status: int = options.act(options)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog="flexvdi-kickstart", description="Kickstarts for flexVDI: make them and check them."
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION", parser_class=OneLineParser)

    rendering = actions.add_parser("render", help="make a kickstart from a template")
    rendering.add_argument("template", help="see `flexvdi-kickstart templates`")
    rendering.add_argument(
        "-v", "--variable", action="append", default=[], type=_pair, metavar="NAME=VALUE"
    )
    rendering.add_argument(
        "--secret-file",
        action="append",
        default=[],
        type=_pair,
        metavar="NAME=FILE",
        help="take a password, in clear or hashed, from the first line of a file (- is stdin)",
    )
    rendering.add_argument(
        "--ask", action="append", default=[], metavar="NAME", help="ask for a password"
    )
    rendering.add_argument(
        "--for",
        dest="installer",
        choices=("flexvdi", "anaconda"),
        default="flexvdi",
        help="whose boot medium carries it out: ours, or the distribution's own",
    )
    rendering.add_argument(
        "--image", metavar="URL", help="with --for anaconda: where host.squashfs is fetched from"
    )
    rendering.add_argument(
        "--checksum", default="", metavar="SHA256", help="with --image: of host.squashfs"
    )
    rendering.add_argument("--output", type=Path, metavar="FILE", help="instead of stdout")
    rendering.set_defaults(act=_render)

    listing = actions.add_parser("templates", help="list the templates and their variables")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(act=_list)

    checking = actions.add_parser("check", help="say what a kickstart would do, or what is wrong")
    checking.add_argument("file", help="the kickstart")
    checking.add_argument("--json", action="store_true", help="for programs")
    checking.set_defaults(act=_check)
    return parser


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        # The text may be a password that was mistaken for the option's value: it is not repeated.
        raise argparse.ArgumentTypeError("write NAME=VALUE")
    return name, value


def _render(options: argparse.Namespace) -> int:
    template = find_template(options.template)
    secrets = {name: _secret_from(file) for name, file in options.secret_file}
    for name in options.ask:
        secrets[name] = Secret(getpass.getpass(f"{name}: "))
        if getpass.getpass(f"{name} again: ") != secrets[name].reveal():
            raise Failure("The two passwords differ.", "Start again and type the same twice.")
    text = render(template, dict(options.variable), secrets, anaconda=_image(options))
    if options.output is None:
        sys.stdout.write(text)
        return EXIT_OK
    try:
        write_atomically(options.output, text, _PRIVATE)
    except OSError as error:
        raise Failure(
            f"{options.output} could not be written: {error.strerror}.",
            "Name a file in a folder that you may write to.",
        ) from error
    return EXIT_OK


def _image(options: argparse.Namespace) -> AnacondaImage | None:
    if options.installer == "anaconda" and not options.image:
        raise Failure(
            "Stock Anaconda has no host image of its own.",
            "Give --image URL: the host.squashfs of a network-boot set, on a web server.",
        )
    if options.installer != "anaconda" and (options.image or options.checksum):
        raise Failure(
            "--image and --checksum are for stock Anaconda.",
            "Add --for anaconda; our own medium brings its image.",
        )
    return AnacondaImage(options.image, options.checksum) if options.image else None


def _secret_from(file: str) -> Secret:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise Failure(f"{file} could not be read: {reason}.", "Name a readable file.") from error
    return Secret(text.partition("\n")[0])


def _list(options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps([_as_json(template.name) for template in TEMPLATES], indent=2))
        return EXIT_OK
    for template in TEMPLATES:
        least = f"{template.minimum_disk() / 1024:.1f} GiB"
        print(f"{template.name}: {template.description}; disks of at least {least}")
        for variable in template.variables:
            print(f"  {variable.name:<24}{_described(variable)}")
        print()
    return EXIT_OK


def _described(variable: Variable) -> str:
    state = "required" if variable.default is None else variable.default or "optional"
    least = f", at least {variable.minimum}" if variable.minimum else ""
    return f"{variable.description} [{state}{least}]"


def _as_json(name: str) -> dict[str, object]:
    template = find_template(name)
    return {
        "name": template.name,
        "description": template.description,
        "minimum_disk_mib": template.minimum_disk(),
        "variables": [
            {
                "name": variable.name,
                "kind": variable.kind,
                "description": variable.description,
                "required": variable.default is None,
                "default": variable.default,
                "minimum": variable.minimum or None,
                "secret": variable.secret,
            }
            for variable in template.variables
        ],
    }


def _check(options: argparse.Namespace) -> int:
    try:
        plan = read_kickstart(options.file)
    except KickstartRefused as refusal:
        if options.json:
            failures = [failure.as_dict() for failure in refusal.failures]
            print(json.dumps({"ok": False, "failures": failures}, indent=2))
        else:
            for failure in refusal.failures:
                print(failure, file=sys.stderr)
        return EXIT_FAILED
    if options.json:
        # Hashes are not for terminals and logs: Python mode keeps Secret objects, str masks them.
        values = plan.model_dump(mode="python")
        print(json.dumps({"ok": True, "plan": values}, indent=2, default=str))
    else:
        sys.stdout.write(describe(plan))
    return EXIT_OK
