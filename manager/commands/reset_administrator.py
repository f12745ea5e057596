"""``flexvdi-manager reset-administrator``: in again, for who has the Manager's console."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Any

from foundation.failure import Failure
from foundation.secret import Secret
from manager.access.rescuing import reset_administrator
from manager.command_line import with_state
from manager.secret_files import read_secret
from manager.services import open_services
from manager.settings import Settings
from manager.tasks.inline import InlineEngine


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = with_state(
        verbs.add_parser(
            "reset-administrator", help="give an administrator a new password, or create one"
        )
    )
    verb.add_argument("name", metavar="NAME", help="gets the role admin, and is enabled")
    verb.add_argument(
        "--password-file",
        metavar="FILE",
        help="the first line of this file; - for standard input; asked for without it",
    )
    verb.set_defaults(run=run)


def run(settings: Settings, options: argparse.Namespace) -> None:
    """Reset it."""
    file = options.password_file
    password = read_secret(file, "password") if file else _ask()
    services = open_services(settings, InlineEngine())
    created = reset_administrator(services, options.name, password)
    services.database.close()
    done = "was created" if created else "has a new password and no second factor"
    print(f"The administrator {options.name} {done}; sessions have ended.")


def _ask() -> Secret:
    if not sys.stdin.isatty():
        raise Failure("There is no terminal to ask on.", "Give the password by --password-file.")
    password = getpass.getpass("New password: ")
    if getpass.getpass("Once more: ") != password:
        raise Failure("The two are not the same.", "Try again.")
    return Secret(password)
