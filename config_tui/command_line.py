"""The command ``flexvdi-config``: without a verb the text UI, with one the same work at once."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foundation.command_line import EXIT_OK, OneLineParser, run_command
from foundation.failure import Failure
from host.api import HostApi, open_host
from host.audit import session_user, this_actor

if TYPE_CHECKING:
    from host.document.model import HostDocument
    from host.jobs import JobRecord
    from host.plan import Plan

Verb = Callable[[HostApi, argparse.Namespace], "int | None"]


def main() -> None:
    """Entry point."""
    raise SystemExit(run_command(_main, sys.argv[1:]))


def _main(arguments: Sequence[str]) -> int | None:
    options = make_parser().parse_args(arguments)
    level = logging.INFO if getattr(options, "boot", False) else logging.ERROR
    logging.basicConfig(level=level, format="%(name)s: %(message)s", stream=sys.stderr)
    host = open_host(options.simulate)
    verb: Verb = getattr(options, "run", _open_ui)
    return verb(host, options)


def make_parser() -> argparse.ArgumentParser:
    """The parser; every verb that does something sets ``run``."""
    parser = OneLineParser(
        prog="flexvdi-config",
        description="Show and change this host. Without a verb, open the text UI.",
    )
    parser.add_argument(
        "--simulate", type=Path, metavar="FILE", help="work on the simulated machine in FILE (JSON)"
    )
    verbs = parser.add_subparsers(metavar="VERB", parser_class=OneLineParser)

    def add(name: str, run: Verb, help: str, *, as_json: bool = True) -> argparse.ArgumentParser:
        verb: argparse.ArgumentParser = verbs.add_parser(name, help=help, description=help)
        verb.set_defaults(run=run)
        if as_json:
            _json_option(verb)
        return verb

    add("status", _status, "show name, addresses and health")
    get = add("get", _get, "show the host document, or the part at PATH; secrets are masked")
    get.add_argument("path", nargs="?", default="", help="as in network.management")
    plan = add("plan", _plan, "show what applying a document would change")
    _file_option(plan)
    apply = add("apply", _apply, "make the host as its document says, or as FILE says")
    apply.add_argument("--yes", action="store_true", help="do not ask")
    how = apply.add_mutually_exclusive_group()
    _file_option(how)
    how.add_argument("--boot", action="store_true", help="what the system runs at every boot")
    add("export", _export, "write the host document with its password hashes", as_json=False)
    add("schema", _schema, "write the document's form as JSON Schema", as_json=False)
    add("about", _about, "show the version, and how guests run on this machine")
    add("shell", _shell, "open a log-in shell", as_json=False)

    power = add("power", _power, "reboot or power off the host", as_json=False)
    power.add_argument("action", choices=("reboot", "poweroff"))
    power.add_argument("--yes", action="store_true", help="do not ask")

    job = add("job", _job_list, "list, show, resume or roll back jobs", as_json=False)
    actions = job.add_subparsers(metavar="ACTION", parser_class=OneLineParser, required=True)
    listing = actions.add_parser("list", help="the jobs that are known, the latest first")
    listing.set_defaults(run=_job_list)
    _json_option(listing)
    for name, run, help in (
        ("show", _job_show, "one job"),
        ("resume", _job_resume, "carry an interrupted job to its end"),
        ("rollback", _job_rollback, "put back what an interrupted job changed"),
    ):
        action = actions.add_parser(name, help=help)
        action.add_argument("job", help="the job's number")
        action.set_defaults(run=run)
        _json_option(action)
    return parser


def _json_option(parser: Any) -> None:
    parser.add_argument("--json", action="store_true", help="answer in JSON")


def _file_option(parser: Any) -> None:
    parser.add_argument("-f", "--file", metavar="FILE", help="a document; - reads standard input")


# --- the text UI ---


def _open_ui(host: HostApi, options: argparse.Namespace) -> int | None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Failure(
            "The text UI needs a terminal.", "Use a verb instead; see flexvdi-config --help."
        )
    from config_tui.application import Application

    user = session_user() if options.simulate is None and os.geteuid() == 0 else None
    console = user is None and options.simulate is None
    logging.getLogger().handlers[:] = [logging.NullHandler()]  # the screen is not for log lines
    Application(host, this_actor(), user=user, console=console).run()
    return EXIT_OK


# --- verbs ---


def _status(host: HostApi, options: argparse.Namespace) -> int | None:
    status = host.status()
    if options.json:
        _print_json(status.as_dict())
        return EXIT_OK
    identity = status.identity
    print(f"{identity.hostname}: {identity.product} {identity.version}")
    print(f"address: {status.management_address or 'none'} ({status.management or 'no interface'})")
    print(f"gateway: {status.gateway or 'none'}")
    print(f"manager: {status.manager}")
    for check in status.checks:
        remedy = f" {check.remedy}" if check.state != "ok" and check.remedy else ""
        print(f"{check.state:8} {check.name}: {check.reason}{remedy}")
    for link in status.interfaces:
        state = "up" if link.link else "no link"
        print(f"{link.name}: {link.kind}, {state}, {link.mac} {' '.join(link.addresses)}".rstrip())
    return EXIT_OK


def _get(host: HostApi, options: argparse.Namespace) -> int | None:
    from host.document.writing import plain_document

    value: Any = plain_document(host.document())
    for part in filter(None, options.path.split(".")):
        if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, list) and (named := _named(value, part)) is not None:
            value = named
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            known = ", ".join(value) if isinstance(value, dict) else "no parts with names"
            raise Failure(f"There is no “{part}” in {options.path}.", f"There is: {known}.")
    if options.json:
        _print_json(value)
    elif isinstance(value, dict | list):
        import yaml

        print(yaml.safe_dump(value, sort_keys=False, allow_unicode=True), end="")
    else:
        print("" if value is None else value)
    return EXIT_OK


def _named(items: list[Any], name: str) -> Any:
    named = (item for item in items if isinstance(item, dict) and item.get("name") == name)
    return next(named, None)


def _plan(host: HostApi, options: argparse.Namespace) -> int | None:
    plan = host.plan(_document(host, options))
    if options.json:
        _print_json(plan.as_dict())
    else:
        _print_plan(plan)
    return EXIT_OK


def _apply(host: HostApi, options: argparse.Namespace) -> int | None:
    if options.boot:
        done = host.apply_at_boot()
        print("The host is as its document says." if done is None else f"Job {done.id} is done.")
        return EXIT_OK
    document = _document(host, options)
    plan = host.plan(document)
    if plan.is_empty:
        _answer(options, None, "The host is already as the document says.")
        return EXIT_OK
    if not options.json:
        _print_plan(plan)
    if not options.yes:
        _ask("Apply this?", typed_input=options.file != "-")
    quiet = options.json

    def on_event(event: Any) -> None:
        if event.state == "running" and not quiet:
            print(f"[{event.number}/{event.total}] {event.title}", flush=True)

    record = _until_interrupted(lambda cancel: host.apply(document, this_actor(), on_event, cancel))
    _answer(options, record, f"Job {record.id} is done." if record else "Nothing was to be done.")
    return EXIT_OK


def _until_interrupted(work: Callable[[Any], Any]) -> Any:
    """Call ``work`` with an event that Ctrl-C sets, so that it can put things back and end."""
    import signal
    from threading import Event

    cancel = Event()
    previous = signal.signal(signal.SIGINT, lambda _number, _frame: cancel.set())
    try:
        return work(cancel)
    finally:
        signal.signal(signal.SIGINT, previous)


def _export(host: HostApi, options: argparse.Namespace) -> int | None:
    from host.document.writing import document_text

    print(document_text(host.document()), end="")
    return EXIT_OK


def _schema(host: HostApi, options: argparse.Namespace) -> int | None:
    from host.document.reading import document_schema

    _print_json(document_schema())
    return EXIT_OK


def _about(host: HostApi, options: argparse.Namespace) -> int | None:
    identity, found = host.identity(), host.virtualization()
    if options.json:
        _print_json(
            {
                "product": identity.product,
                "version": identity.version,
                "accelerator": found.accelerator,
                "reason": found.reason,
            }
        )
    else:
        print(f"{identity.product} {identity.version}\n{found.reason}")
    return EXIT_OK


def _shell(host: HostApi, options: argparse.Namespace) -> int | None:
    from foundation.interactive import run_interactively

    return run_interactively(host.shell_command(session_user() or "root"))


def _power(host: HostApi, options: argparse.Namespace) -> int | None:
    if not options.yes:
        from config_tui.pages.power import warnings

        print("\n".join(warnings(host.power_situation())))
        _ask(f"Really {options.action}?")
    host.power(options.action, this_actor())
    return EXIT_OK


def _job_list(host: HostApi, options: argparse.Namespace) -> int | None:
    records = host.jobs()
    if options.json:
        _print_json([record.as_dict() for record in records])
    else:
        for record in records:
            print(_job_in_words(record))
    return EXIT_OK


def _job_show(host: HostApi, options: argparse.Namespace) -> int | None:
    record = host.job(options.job)
    words = _job_in_words(record)
    words += "".join(f"\n  done: {step}" for step in record.done)
    words += "".join(f"\n  {name}: {text}" for name, text in record.failure.items())
    _answer(options, record, words)
    return EXIT_OK


def _job_resume(host: HostApi, options: argparse.Namespace) -> int | None:
    record = host.resume(options.job, this_actor())
    _answer(options, record, f"Job {record.id} is done." if record else "Nothing was left to do.")
    return EXIT_OK


def _job_rollback(host: HostApi, options: argparse.Namespace) -> int | None:
    record = host.rollback(options.job, this_actor())
    _answer(options, record, f"Job {record.id} is rolled back.")
    return EXIT_OK


# --- what verbs share ---


def _document(host: HostApi, options: argparse.Namespace) -> HostDocument:
    from host.document.reading import parse_document, read_document

    if options.file is None:
        return host.document()
    if options.file == "-":
        return parse_document(sys.stdin.read(), "standard input")
    return read_document(Path(options.file))


def _ask(question: str, *, typed_input: bool = True) -> None:
    """Return on yes; raises Failure on anything else, and where nobody can be asked."""
    if not (typed_input and sys.stdin.isatty()):
        raise Failure("This needs a yes.", "Say --yes if you mean it.")
    if input(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
        raise Failure("Nothing was changed.")


def _print_plan(plan: Plan) -> None:
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


def _job_in_words(record: JobRecord) -> str:
    from datetime import datetime

    at = datetime.fromtimestamp(record.started).isoformat(" ", "seconds")
    return (
        f"{record.id}  {record.state}  {record.title}  "
        f"({len(record.done)}/{record.total}, {at}, {record.who})"
    )


def _answer(options: argparse.Namespace, record: JobRecord | None, words: str) -> None:
    if options.json:
        _print_json(record.as_dict() if record else None)
    else:
        print(words)


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
