"""``flexvdi-manager serve``: run the Manager."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from typing import Any

from manager.command_line import endpoint, with_state
from manager.services import open_services
from manager.serving import serve
from manager.settings import Settings
from manager.state_lock import locked_state
from manager.tasks.durable import DurableEngine


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = with_state(verbs.add_parser("serve", help="run the Manager"))
    verb.add_argument(
        "--listen",
        type=endpoint,
        default=endpoint("0.0.0.0:8443"),
        metavar="ADDR:PORT",
        help="where API and dashboard are served (HTTPS)",
    )
    verb.add_argument(
        "--agents",
        type=endpoint,
        default=endpoint("0.0.0.0:8444"),
        metavar="ADDR:PORT",
        help="where the hosts' Agents connect to",
    )
    verb.add_argument(
        "--name",
        action="append",
        metavar="NAME",
        help="a DNS name or address that the Manager is reached by; may be repeated",
    )
    verb.set_defaults(run=run)


def run(settings: Settings, options: argparse.Namespace) -> None:
    """Serve until a signal comes."""
    with locked_state(settings):
        serve(open_services(settings, DurableEngine(settings.tasks_url)))
        # Tasks that run are cut off where they are, and carried on at the next start; Python
        # itself would wait for their threads, however long that takes.
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)
