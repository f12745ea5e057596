"""The host document: get, plan, apply, export, schema."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config_tui.applying_verb import apply_changed, consent_options
from config_tui.verb import Verbs, answer_job, print_json, print_plan
from foundation.command_line import EXIT_OK
from foundation.failure import Failure
from host.api import HostApi

if TYPE_CHECKING:
    from host.document.model import HostDocument


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    get = verbs.add("get", _get, "show the host document, or the part at PATH; secrets are masked")
    get.add_argument("path", nargs="?", default="", help="as in network.management")
    plan = verbs.add("plan", _plan, "show what applying a document would change")
    _file_option(plan)
    apply = verbs.add("apply", _apply, "make the host as its document says, or as FILE says")
    consent_options(apply)
    how = apply.add_mutually_exclusive_group()
    _file_option(how)
    how.add_argument("--boot", action="store_true", help="what the system runs at every boot")
    verbs.add("export", _export, "write the host document with its password hashes")
    verbs.add("schema", _schema, "write the document's form as JSON Schema")


def _file_option(parser: Any) -> None:
    parser.add_argument("-f", "--file", metavar="FILE", help="a document; - reads standard input")


def _get(host: HostApi, options: argparse.Namespace) -> int:
    from host.document.paths import parse_place, value_at
    from host.document.writing import plain_document

    value: Any = plain_document(host.document())
    if options.path:
        try:
            value = value_at(value, parse_place(options.path))
        except (KeyError, TypeError) as error:
            raise Failure(
                f"There is no {options.path} in the host document.",
                f"There is: {_known(value, options.path)}.",
            ) from error
    if options.json:
        print_json(value)
    elif isinstance(value, dict | list):
        import yaml

        print(yaml.safe_dump(value, sort_keys=False, allow_unicode=True), end="")
    else:
        print("" if value is None else value)
    return EXIT_OK


def _known(value: Any, path: str) -> str:
    """What there is where ``path`` leaves the document."""
    from host.document.paths import parse_place, value_at

    for part in parse_place(path):
        try:
            value = value_at(value, (part,))
        except (KeyError, TypeError):
            break
    names = [item.get("name", "") for item in value if isinstance(item, dict)]
    return ", ".join(value if isinstance(value, dict) else filter(None, names)) or "nothing below"


def _plan(host: HostApi, options: argparse.Namespace) -> int:
    plan = host.plan(_document(host, options))
    if options.json:
        print_json(plan.as_dict())
    else:
        print_plan(plan)
    return EXIT_OK


def _apply(host: HostApi, options: argparse.Namespace) -> int:
    if options.boot:
        done = host.apply_at_boot()
        return answer_job(options, done, "The host is as its document says.")
    document = _document(host, options)
    return apply_changed(host, document, options, typed_input=options.file != "-")


def _export(host: HostApi, options: argparse.Namespace) -> int:
    from host.document.writing import document_text, stated_document

    if options.json:
        print_json(stated_document(host.document(), show_secrets=True))
    else:
        print(document_text(host.document()), end="")
    return EXIT_OK


def _schema(host: HostApi, options: argparse.Namespace) -> int:
    from host.document.reading import document_schema

    print_json(document_schema())
    return EXIT_OK


def _document(host: HostApi, options: argparse.Namespace) -> HostDocument:
    from host.document.reading import parse_document, read_document

    if options.file is None:
        return host.document()
    if options.file == "-":
        return parse_document(sys.stdin.read(), "standard input")
    return read_document(Path(options.file))
