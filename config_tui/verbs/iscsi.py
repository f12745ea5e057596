"""iSCSI: discover, add and remove targets, log in and out, show."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from config_tui.applying_verb import apply_changed, consent_options
from config_tui.storage_words import as_json, chap_from, chap_options, made
from config_tui.verb import Verbs, print_json
from foundation.command_line import EXIT_OK
from foundation.failure import Failure
from host.api import HostApi
from host.audit import this_actor


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    iscsi = verbs.group("iscsi", "show, discover, add and remove iSCSI targets")
    iscsi.add("show", _show, "this host's iSCSI name and its sessions")
    discover = iscsi.add("discover", _discover, "ask a portal which targets it offers")
    discover.add_argument("portal", help="as in 10.0.5.1 or [fd00::1]:3260")
    chap_options(discover, "the portal")
    add = iscsi.add("add", _add, "log in to a target, now and at every boot")
    add.add_argument("target", help="its name, as in iqn.2026-01.com.example:disks")
    add.add_argument(
        "--portal",
        action="append",
        required=True,
        dest="portals",
        metavar="PORTAL",
        help="a portal to reach it through; several are several paths",
    )
    chap_options(add, "the target")
    consent_options(add)
    remove = iscsi.add("remove", _remove, "log out of a target, and do not log in again")
    remove.add_argument("target", help="its name")
    consent_options(remove)
    name = iscsi.add("initiator", _initiator, "set this host's iSCSI name")
    name.add_argument("name", help="as in iqn.2026-01.com.example:host3")
    consent_options(name)
    login = iscsi.add("login", _login, "log in once more to a target of the document")
    login.add_argument("target", help="its name")
    logout = iscsi.add("logout", _logout, "end the sessions of a target until the next boot")
    logout.add_argument("target", help="its name")


def _show(host: HostApi, options: argparse.Namespace) -> int:
    name, sessions = host.storage.initiator_name(), host.storage.sessions()
    if options.json:
        print_json({"initiator_name": name, "sessions": [asdict(session) for session in sessions]})
        return EXIT_OK
    print(f"This host: {name or 'no name yet'}")
    for session in sessions:
        disks = ", ".join(session.disks) or "no disks"
        state = "logged in" if session.works else f"! {session.state}"
        print(f"{session.target} through {session.portal}: {state}, {disks}")
    if not sessions:
        print("No sessions.")
    return EXIT_OK


def _discover(host: HostApi, options: argparse.Namespace) -> int:
    targets = host.storage.discover(options.portal, chap_from(options))
    if options.json:
        print_json(as_json(targets))
        return EXIT_OK
    for target in targets:
        print(f"{target.name}  {' '.join(target.portals)}")
    return EXIT_OK


def _add(host: HostApi, options: argparse.Namespace) -> int:
    from host.document.storage import ISCSITarget

    document = host.document()
    target = made(
        ISCSITarget, name=options.target, portals=tuple(options.portals), chap=chap_from(options)
    )
    others = [known for known in document.storage.iscsi.targets if known.name != target.name]
    return _apply(host, options, targets=(*others, target))


def _remove(host: HostApi, options: argparse.Namespace) -> int:
    targets = host.document().storage.iscsi.targets
    left = tuple(known for known in targets if known.name != options.target)
    if len(left) == len(targets):
        raise Failure(
            f"The document of this host has no target {options.target}.",
            f"It has: {', '.join(known.name for known in targets) or 'none'}.",
        )
    return _apply(host, options, targets=left)


def _initiator(host: HostApi, options: argparse.Namespace) -> int:
    return _apply(host, options, initiator_name=options.name)


def _apply(host: HostApi, options: argparse.Namespace, **changed: object) -> int:
    from host.document.storage import ISCSI, Storage

    document = host.document()
    storage = document.storage
    iscsi = made(ISCSI, **{**dict(storage.iscsi), **changed})
    wanted = made(Storage, **{**dict(storage), "iscsi": iscsi})
    return apply_changed(host, document.replacing(storage=wanted), options)


def _login(host: HostApi, options: argparse.Namespace) -> int:
    sessions = host.storage.login(options.target, this_actor())
    if options.json:
        print_json(as_json(sessions))
    else:
        print(f"Sessions to {options.target}: {len(sessions)}.")
    return EXIT_OK


def _logout(host: HostApi, options: argparse.Namespace) -> int:
    host.storage.logout(options.target, this_actor())
    if options.json:
        print_json(None)
    else:
        print(f"Logged out of {options.target} until the next boot.")
    return EXIT_OK
