"""Passwords of root and administrators: set, lock."""

from __future__ import annotations

import argparse

from config_tui.given_texts import new_password
from config_tui.verb import Verbs, answer_job, ask, yes_option
from host.api import HostApi
from host.audit import this_actor


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    password = verbs.group("password", "set or lock the password of root or an administrator")
    setting = password.add("set", _set, "set a password; it is asked for, or read from a file")
    setting.add_argument("name", help="root, or an administrator")
    setting.add_argument(
        "--password-file",
        metavar="FILE",
        help="its first line is the password; - reads standard input",
    )
    lock = password.add("lock", _lock, "let a person in by SSH keys only")
    lock.add_argument("name", help="root, or an administrator")
    yes_option(lock)


def _set(host: HostApi, options: argparse.Namespace) -> int:
    password = new_password(options.password_file, options.name)
    record = host.security.change_password(options.name, password, this_actor())
    return answer_job(options, record, "The host is already as the document says.")


def _lock(host: HostApi, options: argparse.Namespace) -> int:
    if not options.yes:
        ask(f"Lock the password of {options.name}, who can then log in by SSH keys only?")
    record = host.security.lock_password(options.name, this_actor())
    return answer_job(options, record, f"{options.name} has no password already.")
