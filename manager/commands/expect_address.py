"""``flexvdi-manager expect-address``: have the hosts told where the Manager is about to move."""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from pydantic import ValidationError

from foundation.failure import Failure
from manager.command_line import with_state
from manager.hosts.coming_address import expect, hosts_without
from manager.services import open_services
from manager.settings import Settings
from manager.tasks.inline import InlineEngine

_PAUSE = 0.5  # seconds between two looks at who knows it


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = with_state(
        verbs.add_parser("expect-address", help="tell hosts where the Manager is about to move")
    )
    verb.add_argument("address", metavar="ADDRESS", help="that it will have")
    verb.add_argument("--instead-of", required=True, metavar="ADDRESS", help="that it has now")
    verb.add_argument(
        "--wait",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="at most so long until all hosts that are connected know it (default 60)",
    )
    verb.set_defaults(run=run)


def run(settings: Settings, options: argparse.Namespace) -> None:
    """Have them told by the Manager that runs; ``untold`` in the JSON are those that were not."""
    try:
        coming = expect(settings, options.address, options.instead_of)
    except ValidationError as error:
        raise Failure(
            f"{options.address} or {options.instead_of} is no address.",
            "Give IP addresses without prefix length, or names.",
        ) from error
    services = open_services(settings, InlineEngine())
    deadline = time.monotonic() + options.wait
    while hosts_without(services, {coming.address}, connected=True):
        if time.monotonic() > deadline:
            break
        time.sleep(_PAUSE)
    untold = hosts_without(services, {coming.address})
    services.database.close()
    print(json.dumps({"address": coming.address, "untold": untold}))
