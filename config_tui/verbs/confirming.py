"""A change that waits for its confirmation: pending, confirm, revert."""

from __future__ import annotations

import argparse
import math

from config_tui.verb import Verbs, answer_job, print_json
from foundation.command_line import EXIT_OK
from host.api import HostApi
from host.audit import this_actor


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    verbs.add("pending", _pending, "show the change that waits for its confirmation")
    verbs.add("confirm", _confirm, "keep the change that waits for its confirmation")
    revert = verbs.add("revert", _revert, "put back the change that waits for its confirmation")
    revert.add_argument(
        "--expired",
        action="store_true",
        help="only if its time ran out; the system does this by itself",
    )


def _pending(host: HostApi, options: argparse.Namespace) -> int:
    pending = host.pending()
    if options.json:
        print_json(pending.as_dict() if pending else None)
    elif pending is None:
        print("No change waits for its confirmation.")
    else:
        seconds = math.ceil(pending.seconds_left)
        print(f"Job {pending.job} of {pending.who} goes back by itself in {seconds} s:")
        for change in pending.changes:
            print(f"- {change}")
        if not pending.guarded:
            print("! NetworkManager was restarted meanwhile; the guard puts the change back.")
        print("Keep it: flexvdi-config confirm. Put it back now: flexvdi-config revert")
    return EXIT_OK


def _confirm(host: HostApi, options: argparse.Namespace) -> int:
    return answer_job(options, host.confirm(this_actor()), "")


def _revert(host: HostApi, options: argparse.Namespace) -> int:
    if options.expired:
        return answer_job(options, host.revert_expired(), "No change has run out of time.")
    return answer_job(options, host.revert(this_actor()), "")
