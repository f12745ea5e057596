"""What helps when something is wrong: logs, support bundles, diagnostics."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from config_tui.storage_words import as_json, size_in_words
from config_tui.verb import Verbs, print_json, until_interrupted
from foundation.command_line import EXIT_FAILED, EXIT_OK
from host.api import HostApi
from host.audit import this_actor

if TYPE_CHECKING:
    from threading import Event

    from host.api.support import BundleProgress, Diagnosis, LogEntry, LogFilter, LogPage

_PRIORITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
_LINES = 200
_LOOK_EVERY = 1.0  # seconds


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    logs = verbs.add("logs", _logs, "show the log: of the system, or of who changed what")
    logs.add_argument("--unit", default="", help="only this service, as in sshd.service")
    logs.add_argument(
        "--priority", default="", choices=_PRIORITIES, help="only this gravity and worse"
    )
    logs.add_argument("--holds", default="", metavar="WORDS", help="only what holds this text")
    logs.add_argument("--since", default="", metavar="TIME", help="as in -1h or 2026-01-31 12:00")
    when = logs.add_mutually_exclusive_group()
    when.add_argument(
        "--boot", type=int, default=0, metavar="N", help="0 for this boot, -1 for the one before"
    )
    when.add_argument("--all-boots", action="store_true", help="of all boots")
    logs.add_argument("--audit", action="store_true", help="only who changed what")
    logs.add_argument("--lines", type=_count, default=_LINES, metavar="N", help="at most N entries")
    logs.add_argument(
        "--before", default="", metavar="CURSOR", help="older ones; `before` of --json says where"
    )
    logs.add_argument(
        "--follow", action="store_true", help="go on with what is written from now on, until Ctrl-C"
    )
    support = verbs.group("support", "look for what is wrong; collect what support needs")
    support.add(
        "diagnose", _diagnose, "look at everything and say what is wrong; 1 if something failed"
    )
    support.add("services", _services, "the services that have written to the log of this boot")
    support.add("sticks", _sticks, "the sticks that a bundle can be written to")
    bundle = support.add(
        "bundle",
        _bundle,
        "collect logs, states and settings, without secrets",
        description="Collect logs, states and settings in one file for support. Passwords, keys "
        "and other secrets are left out.",
    )
    bundle.add_argument(
        "target",
        nargs="?",
        default="/var/tmp",
        help="a file or folder of this host (/var/tmp if not given), https://… to send it there "
        "by PUT, post+https://… by POST, or usb:/dev/sdx1 for a stick",
    )


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("it must be at least 1")
    return number


def _logs(host: HostApi, options: argparse.Namespace) -> int:
    from host.api.support import LogFilter

    wanted = LogFilter(
        unit=options.unit,
        priority=options.priority,
        words=options.holds,
        since=options.since,
        boot=None if options.all_boots else options.boot,
        audit=options.audit,
    )
    page = host.support.logs(wanted, options.lines, options.before)
    if options.follow:
        until_interrupted(lambda cancel: _follow(host, wanted, page, options.json, cancel))
        return EXIT_OK
    if options.json:
        print_json(as_json(page))
        return EXIT_OK
    for entry in page.entries:
        _print_entry(entry)
    if not page.entries:
        print("Nothing fits.")
    if page.before:
        print(f"(older ones: --before {page.before})", file=sys.stderr)
    return EXIT_OK


def _follow(
    host: HostApi, wanted: LogFilter, page: LogPage, as_lines_of_json: bool, cancel: Event
) -> None:
    """Print what there is, then look for more until somebody has seen enough."""
    entries, last = page.entries, ""
    while True:
        for entry in entries:
            if as_lines_of_json:
                print(json.dumps(as_json(entry), ensure_ascii=False), flush=True)
            else:
                _print_entry(entry)
            last = entry.cursor
        if cancel.wait(_LOOK_EVERY):
            return
        entries = host.support.logs(wanted, _LINES, after=last).entries


def _print_entry(entry: LogEntry) -> None:
    at = datetime.fromtimestamp(entry.time)
    words = f"{at:%Y-%m-%d %H:%M:%S} {entry.priority:7} {entry.source}: {entry.message}"
    print(words, flush=True)


def _services(host: HostApi, options: argparse.Namespace) -> int:
    sources = host.support.log_sources()
    if options.json:
        print_json(list(sources))
    else:
        print("\n".join(sources) or "None.")
    return EXIT_OK


def _sticks(host: HostApi, options: argparse.Namespace) -> int:
    sticks = host.support.removable_partitions()
    if options.json:
        print_json(as_json(sticks))
        return EXIT_OK
    for stick in sticks:
        words = (f"usb:{stick.device}", stick.label, stick.filesystem, size_in_words(stick.size))
        print("  ".join(word for word in (*words, stick.model) if word))
    if not sticks:
        print("No sticks.")
    return EXIT_OK


def _bundle(host: HostApi, options: argparse.Namespace) -> int:
    on_progress: Callable[[BundleProgress], None] = _silent if options.json else _Progress()
    result = until_interrupted(
        lambda cancel: host.support.bundle(options.target, this_actor(), on_progress, cancel)
    )
    if options.json:
        print_json(as_json(result))
        return EXIT_OK
    print(f"{result.place} ({size_in_words(result.size)})")
    for what in result.missing:
        print(f"! could not be had: {what}")
    return EXIT_OK


def _silent(progress: BundleProgress) -> None:
    pass


class _Progress:
    """Says each thing as it is begun, and every tenth of what is sent."""

    def __init__(self) -> None:
        self._tenths = 0

    def __call__(self, progress: BundleProgress) -> None:
        if not progress.total:
            print(f"{progress.title} ...", file=sys.stderr, flush=True)
            return
        tenths = 10 * progress.sent // progress.total
        if tenths > self._tenths:
            self._tenths = tenths
            print(f"{progress.title}: {10 * tenths}%", file=sys.stderr, flush=True)


def _diagnose(host: HostApi, options: argparse.Namespace) -> int:
    found = host.support.diagnose((lambda finding: None) if options.json else _say)
    if options.json:
        print_json(as_json(found))
    return EXIT_FAILED if any(finding.state == "failed" for finding in found) else EXIT_OK


def _say(finding: Diagnosis) -> None:
    print(f"{finding.state:8} {finding.group}: {finding.name}: {finding.value}", flush=True)
    if finding.remedy and finding.state != "ok":
        print(f"{'':8} {finding.remedy}", flush=True)
