"""Reboot, power off."""

from __future__ import annotations

import argparse
from functools import partial

from config_tui.verb import Verbs, ask, yes_option
from foundation.command_line import EXIT_OK
from host.api import HostApi, PowerAction
from host.audit import this_actor

_ACTIONS: dict[PowerAction, str] = {
    "reboot": "reboot the host",
    "poweroff": "power off the host",
}


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    power = verbs.group("power", "reboot or power off the host")
    for action, help in _ACTIONS.items():
        verb = power.add(action, partial(_power, action), help, as_json=False)
        yes_option(verb)


def _power(action: PowerAction, host: HostApi, options: argparse.Namespace) -> int:
    if not options.yes:
        from config_tui.pages.power import warnings

        print("\n".join(warnings(host.power_situation())))
        ask(f"Really {action}?")
    host.power(action, this_actor())
    return EXIT_OK
