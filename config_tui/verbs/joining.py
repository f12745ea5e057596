"""The platform this host belongs to: join it, leave it, see how the Agent is doing."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from datetime import datetime
from getpass import getpass
from typing import TYPE_CHECKING

from config_tui.given_texts import text_in
from config_tui.storage_words import secret_in
from config_tui.verb import Verbs, ask, print_json, yes_option
from foundation.command_line import EXIT_FAILED, EXIT_OK
from foundation.failure import Failure, WrongArgument
from foundation.joining import (
    ManagerAddress,
    check_fingerprint,
    check_manager_address,
    read_join_string,
    readable_fingerprint,
)
from foundation.secret import Secret
from host.api import HostApi
from host.audit import this_actor

if TYPE_CHECKING:
    from host.api.membership import JoinSecret, MembershipStatus


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    manager = verbs.group("manager", "deploy, run, move and keep the Manager, or join one")
    manager.add(
        "membership",
        _membership,
        "the platform this host belongs to, and how its Agent is doing; 1 if not connected",
    )
    join = manager.add(
        "join",
        _join,
        "make this host part of a platform",
        description="Make this host part of a platform: with a join string, which the Manager "
        "shows and which is asked for here; or with --address and an administrator's name and "
        "password, after the fingerprint of the Manager was compared. What is secret is asked "
        "for, or read from files; never an argument.",
    )
    join.add_argument(
        "--string-file",
        metavar="FILE",
        help="the join string; - reads standard input. Without it, it is asked for",
    )
    join.add_argument("--address", metavar="ADDRESS[:PORT]", help="of the Manager")
    join.add_argument(
        "--fingerprint",
        metavar="SHA256",
        help="what the Manager must have; without it, what is found is shown, and asked about",
    )
    join.add_argument("--user", metavar="NAME", help="an administrator of the Manager")
    join.add_argument(
        "--password-file",
        metavar="FILE",
        help="its first line is the administrator's password; - reads standard input",
    )
    join.add_argument(
        "--code-file", metavar="FILE", help="its first line is the one-time code, if one is used"
    )
    join.add_argument(
        "--replace",
        action="store_true",
        help="take the place of the host that has the same identity or name, and is not connected",
    )
    address = manager.add(
        "set-address",
        _set_address,
        "the Manager of this host's platform is reached at another address; nothing is joined anew",
    )
    address.add_argument("address", metavar="ADDRESS[:PORT]", help="where it is now")
    leave = manager.add(
        "leave",
        _leave,
        "belong to no platform any more; guests go on as they are",
    )
    leave.add_argument("--reason", default="", help="why, for those who wonder at the Manager")
    yes_option(leave)


def _membership(host: HostApi, options: argparse.Namespace) -> int:
    status = host.membership.status()
    if options.json:
        print_json(status.as_dict() if status is not None else None)
    elif status is None:
        print("This host belongs to no platform.")
    else:
        print("\n".join(_in_words(status)))
    return EXIT_OK if status is not None and status.state == "connected" else EXIT_FAILED


def _in_words(status: MembershipStatus) -> list[str]:
    lines = [
        f"Manager: {status.manager.url}",
        *([f"Tried besides: {', '.join(status.others)}"] if status.others else []),
        f"Its SHA-256: {readable_fingerprint(status.manager.fingerprint)}",
        f"Joined: {_moment(status.joined)}, by {status.who}",
        f"This host there: {status.host_name} ({status.host_id})",
    ]
    if status.certificate_until is not None:
        lines.append(f"Certificate: until {_moment(status.certificate_until)}, renewed by itself")
    since = f" since {_moment(status.since)}" if status.since is not None else ""
    lines.append(f"Agent: {status.state}{since}")
    return [*lines, *(f"! {words}" for words in (status.problem, status.remedy) if words)]


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M}"


def _join(host: HostApi, options: argparse.Namespace) -> int:
    by_person = options.address is not None
    if by_person and options.string_file is not None:
        raise WrongArgument("Give either --string-file or --address.")
    if not by_person and (options.user or options.fingerprint or options.password_file):
        raise WrongArgument("--user, --password-file and --fingerprint go with --address.")
    manager, secret = _by_person(host, options) if by_person else _by_string(options)
    try:
        joined = host.membership.join(manager, secret, this_actor(), replace=options.replace)
    except Failure as failure:
        if failure.where != "code" or secret.code is not None or not sys.stdin.isatty():
            raise
        code = Secret(getpass(f"One-time code of {secret.user}: "))
        joined = host.membership.join(
            manager, replace(secret, code=code), this_actor(), replace=options.replace
        )
    if options.json:
        print_json({**joined.status.as_dict(), "missing_bridges": list(joined.missing_bridges)})
        return EXIT_OK
    print(f"This host is part of the platform of {joined.status.manager.address}.")
    if joined.missing_bridges:
        print(
            f"! The platform's hosts have bridges that are missing here: "
            f"{', '.join(joined.missing_bridges)}."
        )
        print("  Make them with Network, Bridges in flexVDI Config, or let the Manager do it.")
    return EXIT_OK


def _by_string(options: argparse.Namespace) -> tuple[ManagerAddress, JoinSecret]:
    from host.api.membership import JoinSecret

    if options.string_file is not None:
        line = Secret(text_in(options.string_file))
    elif sys.stdin.isatty():
        line = Secret(getpass("Join string (it is not shown): "))
    else:
        raise Failure(
            "Nobody can be asked for the join string here.",
            "Give --string-file FILE; with - it is read from standard input.",
        )
    read = read_join_string(line.reveal())
    return read.manager, JoinSecret(token=read.token)


def _by_person(host: HostApi, options: argparse.Namespace) -> tuple[ManagerAddress, JoinSecret]:
    from host.api.membership import JoinSecret

    if options.user is None:
        raise WrongArgument("With --address, give --user too.")
    address, port = check_manager_address(options.address)
    if options.fingerprint is not None:
        manager = ManagerAddress(address, port, check_fingerprint(options.fingerprint))
    else:
        manager = host.membership.find(address, port).manager
        print(f"SHA-256 of the Manager at {address}:", file=sys.stderr)
        print(f"  {readable_fingerprint(manager.fingerprint)}", file=sys.stderr)
        print("Compare it with what the Manager shows: About, or on its console.", file=sys.stderr)
        if not sys.stdin.isatty():
            raise Failure(
                "Nobody can be asked here whether this is the right Manager.",
                "Give --fingerprint with what the Manager shows.",
            )
        ask("Is it the same?")
    if options.password_file is not None:
        password = secret_in(options.password_file)
    elif sys.stdin.isatty():
        password = Secret(getpass(f"Password of {options.user} at the Manager: "))
    else:
        raise Failure(
            "Nobody can be asked for the password here.",
            "Give --password-file FILE; with - it is read from standard input.",
        )
    code = secret_in(options.code_file) if options.code_file is not None else None
    return manager, JoinSecret(user=options.user, password=password, code=code)


def _set_address(host: HostApi, options: argparse.Namespace) -> int:
    address, port = check_manager_address(options.address)
    status = host.membership.set_address(address, port, this_actor())
    if options.json:
        print_json(status.as_dict())
    else:
        print(f"The Manager is dialled at {status.manager.address} from now on.")
        if status.others:
            print(f"Should it not answer there: {', '.join(status.others)}.")
    return EXIT_OK


def _leave(host: HostApi, options: argparse.Namespace) -> int:
    if not options.yes:
        ask("Leave the platform? Guests go on, and nobody manages them from afar.")
    told = host.membership.leave(this_actor(), options.reason)
    if options.json:
        print_json({"manager_told": told})
    else:
        print("This host belongs to no platform any more.")
        if not told:
            print("! The Manager could not be told: remove the host there too.")
    return EXIT_OK
