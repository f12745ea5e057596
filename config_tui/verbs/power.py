"""Reboot, power off."""

from __future__ import annotations

import argparse
import sys
from functools import partial

from config_tui.verb import Verbs, ask, print_json, yes_option
from foundation.command_line import EXIT_OK
from host.api import HostApi
from host.audit import this_actor
from host.status import PowerAction

_ACTIONS: dict[PowerAction, str] = {
    "reboot": "reboot the host",
    "poweroff": "power off the host",
}


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    power = verbs.group("power", "reboot or power off the host")
    for action, help in _ACTIONS.items():
        verb = power.add(action, partial(_power, action), help)
        verb.add_argument("--reason", default="", help="why, for the records")
        yes_option(verb)


def _power(action: PowerAction, host: HostApi, options: argparse.Namespace) -> int:
    if not options.yes:
        from config_tui.pages.power import warnings

        # Of --json, standard output is for the answer alone.
        shown_on = sys.stderr if options.json else sys.stdout
        print("\n".join(warnings(host.power_situation())), file=shown_on)
        ask(f"Really {action}?")
    host.power(action, this_actor(), options.reason)
    if options.json:
        print_json({"action": action})
    return EXIT_OK
