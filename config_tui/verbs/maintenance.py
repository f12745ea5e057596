"""Maintenance: keep the host from starting guests by itself, and tell why."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import datetime

from config_tui.verb import Verbs, print_json
from foundation.command_line import EXIT_OK
from host.api import HostApi
from host.audit import this_actor
from host.status import Maintenance


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    maintenance = verbs.group("maintenance", "keep the host from starting guests by itself")
    maintenance.add("show", _show, "whether the host is in maintenance; who wanted it, and why")
    enter = maintenance.add(
        "enter",
        _enter,
        "start no guests at boot until maintenance is left",
        description="Start no guests at boot until maintenance is left. Guests that run go on "
        "running; they are not moved and not stopped.",
    )
    enter.add_argument("reason", help="why, so that others know")
    maintenance.add("leave", _leave, "put the host back into service")


def _show(host: HostApi, options: argparse.Namespace) -> int:
    return _answer(options, host.maintenance())


def _enter(host: HostApi, options: argparse.Namespace) -> int:
    return _answer(options, host.enter_maintenance(options.reason, this_actor()))


def _leave(host: HostApi, options: argparse.Namespace) -> int:
    host.leave_maintenance(this_actor())
    return _answer(options, None)


def _answer(options: argparse.Namespace, known: Maintenance | None) -> int:
    if options.json:
        print_json(asdict(known) if known is not None else None)
    elif known is None:
        print("In service.")
    else:
        since = datetime.fromtimestamp(known.since)
        print(f"In maintenance since {since:%Y-%m-%d %H:%M}, by {known.who}: {known.reason}")
        if known.guests:
            print(f"Not started at boot: {', '.join(known.guests)}")
    return EXIT_OK
