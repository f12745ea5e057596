"""Clock, languages, keyboards, log target, crash dumps, root slots: show, and try out.

They are changed in the host document; `flexvdi-config set` names the places.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from config_tui.storage_words import as_json, made, size_in_words
from config_tui.verb import Verbs, print_json
from foundation.command_line import EXIT_OK
from foundation.failure import Failure
from host.api import HostApi
from host.audit import this_actor

if TYPE_CHECKING:
    from host.document.system import LogTarget


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    verbs.add("time", _time, "show the clock, its zone, and the servers it follows")
    for name, run, help in (
        ("timezones", _timezones, "list the time zones that can be set"),
        ("keyboards", partial(_choices, "keyboards"), "list the keyboard layouts of this host"),
        ("languages", partial(_choices, "languages"), "list the languages of this host"),
    ):
        listing = verbs.add(name, run, help)
        listing.add_argument("words", nargs="?", default="", help="only those that hold this text")
    verbs.add("slots", _slots, "show the root slots: which runs, and which starts next")
    verbs.add("crash-dump", _crash_dump, "show whether a kernel crash would leave a dump")
    firewall = verbs.group("firewall", "what the firewall knows")
    firewall.add("services", _firewall_services, "the services that can be let in by name")
    target = verbs.group("log-target", "the server that this host sends its log to")
    test = target.add("test", _test_log_target, "send one message, to see whether it arrives")
    test.add_argument("host", nargs="?", help="a name or address; else that of the document")
    test.add_argument("--port", type=int, help="else 514, or 6514 with tls")
    test.add_argument(
        "--protocol", choices=("udp", "tcp", "tls"), default="tcp", help="tcp if not given"
    )
    test.add_argument("--ca-file", metavar="FILE", help="for tls: whom to trust, in PEM form")


def _time(host: HostApi, options: argparse.Namespace) -> int:
    found = host.system.time_status()
    if options.json:
        print_json(as_json(found))
        return EXIT_OK
    print(f"{found.local_time:%Y-%m-%d %H:%M:%S %Z}  {found.timezone or 'no time zone is set'}")
    offset = f", off by {found.offset * 1000:+.3f} ms" if found.offset is not None else ""
    print(f"synchronised{offset}" if found.synchronised else f"! not synchronised{offset}")
    if found.problem:
        print(f"! {found.problem} {found.remedy}".rstrip())
    for source in found.sources:
        mark = "! " if source.state in ("unreachable", "unusable") else ""
        print(
            f"{mark}{source.name}  {source.state}  stratum {source.stratum}  "
            f"{source.reachable} of 8 answers  {source.offset * 1000:+.3f} ms"
        )
    return EXIT_OK


def _timezones(host: HostApi, options: argparse.Namespace) -> int:
    zones = [zone for zone in host.system.timezones() if _holds(options.words, zone)]
    return _answer_lines(options, zones, zones)


def _choices(kind: str, host: HostApi, options: argparse.Namespace) -> int:
    choices = host.system.keyboards() if kind == "keyboards" else host.system.languages()
    found = [each for each in choices if _holds(options.words, each.name, each.title)]
    return _answer_lines(options, as_json(found), [f"{each.name}  {each.title}" for each in found])


def _holds(words: str, *texts: str) -> bool:
    return any(words.casefold() in text.casefold() for text in texts)


def _firewall_services(host: HostApi, options: argparse.Namespace) -> int:
    services = list(host.system.firewall_services())
    return _answer_lines(options, services, services)


def _answer_lines(options: argparse.Namespace, value: object, lines: Iterable[str]) -> int:
    if options.json:
        print_json(value)
    else:
        print("\n".join(lines) or "None.")
    return EXIT_OK


def _slots(host: HostApi, options: argparse.Namespace) -> int:
    slots = host.system.slots()
    lines = []
    for slot in slots:
        marks = [word for word, holds in (("runs", slot.running), ("next", slot.next)) if holds]
        content = " ".join(filter(None, (slot.version, slot.kernel))) or "empty"
        lines.append(f"{slot.name}  {content}  {', '.join(marks)}".rstrip())
    return _answer_lines(options, as_json(slots), lines)


def _crash_dump(host: HostApi, options: argparse.Namespace) -> int:
    found = host.system.crash_dump_status()
    lines = [
        "armed: a crash would leave a dump" if found.armed else "not armed",
        f"memory set aside: {size_in_words(found.reserved)}",
        *(f"dump of {dump}" for dump in found.dumps),
    ]
    lines += [f"! {found.problem}"] if found.problem else []
    return _answer_lines(options, as_json(found), lines)


def _test_log_target(host: HostApi, options: argparse.Namespace) -> int:
    words = host.system.test_log_target(_log_target(host, options), this_actor())
    return _answer_lines(options, words, [words])


def _log_target(host: HostApi, options: argparse.Namespace) -> LogTarget:
    from config_tui.given_texts import text_in
    from host.document.system import LogTarget

    if options.host is None:
        known = host.document().logging.target
        if known is None:
            raise Failure(
                "The document of this host has no log target.",
                "Name one: log-target test HOST; or `flexvdi-config set logging.target.host=HOST`.",
            )
        return known
    ca = text_in(options.ca_file) if options.ca_file is not None else None
    target: LogTarget = made(
        LogTarget, host=options.host, port=options.port, protocol=options.protocol, ca=ca
    )
    return target
