"""Administrators and their SSH keys: list, add, remove."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from config_tui.given_texts import key_line_in, new_password
from config_tui.storage_words import as_json
from config_tui.verb import Verbs, answer_job, ask, print_json, yes_option
from foundation.command_line import EXIT_OK
from foundation.failure import Failure
from host.api import HostApi
from host.audit import this_actor

if TYPE_CHECKING:
    from host.api.security import Person


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    people = verbs.group("administrators", "list, add and remove the people who run this host")
    people.add("list", _list, "root and the administrators, and how they get in")
    add = people.add("add", _add, "add an administrator, with a password, SSH keys, or both")
    add.add_argument("name", help="the name to log in with")
    add.add_argument("--full-name", default="", metavar="WORDS", help="the person's name")
    add.add_argument(
        "--password-file",
        metavar="FILE",
        help="its first line is the password; - reads standard input. Without it and without "
        "--key-file, the password is asked for",
    )
    add.add_argument(
        "--key-file",
        action="append",
        default=[],
        dest="key_files",
        metavar="FILE",
        help="a public SSH key, as in id_ed25519.pub; can be given several times",
    )
    remove = people.add("remove", _remove, "remove an administrator's account, not their files")
    remove.add_argument("name", help="the name they log in with")
    yes_option(remove)

    keys = verbs.group("keys", "list, add and remove the SSH keys of root and administrators")
    listing = keys.add("list", _list_keys, "SSH keys with their fingerprints")
    listing.add_argument("name", nargs="?", help="only those of this person")
    add_key = keys.add("add", _add_key, "let a person in by a further SSH key")
    add_key.add_argument("name", help="root, or an administrator")
    add_key.add_argument(
        "file", help="the public key, as in id_ed25519.pub; - reads standard input"
    )
    remove_key = keys.add("remove", _remove_key, "let a person in by an SSH key no more")
    remove_key.add_argument("name", help="root, or an administrator")
    remove_key.add_argument("fingerprint", help="as `keys list` shows it, or the key's comment")
    yes_option(remove_key)


def _list(host: HostApi, options: argparse.Namespace) -> int:
    people = host.security.people()
    if options.json:
        print_json(as_json(people))
        return EXIT_OK
    for person in people:
        ways = ["password"] if person.has_password else []
        ways += [f"{len(person.keys)} SSH keys"] if person.keys else []
        full_name = f" ({person.full_name})" if person.full_name else ""
        print(f"{person.name}{full_name}: {', '.join(ways) or 'cannot log in'}")
    return EXIT_OK


def _add(host: HostApi, options: argparse.Namespace) -> int:
    keys = tuple(key_line_in(name) for name in options.key_files)
    wants_password = options.password_file is not None or not keys
    password = new_password(options.password_file, options.name) if wants_password else None
    record = host.security.add_administrator(
        options.name, this_actor(), options.full_name, password, keys
    )
    return answer_job(options, record, "The host is already as the document says.")


def _remove(host: HostApi, options: argparse.Namespace) -> int:
    if not options.yes:
        ask(f"Remove the account of {options.name}?")
    record = host.security.remove_administrator(options.name, this_actor())
    return answer_job(options, record, "The host is already as the document says.")


def _list_keys(host: HostApi, options: argparse.Namespace) -> int:
    people = _people(host, options.name)
    if options.json:
        print_json({person.name: as_json(person.keys) for person in people})
        return EXIT_OK
    for person in people:
        for key in person.keys:
            print(f"{person.name}  {key.kind}  {key.fingerprint}  {key.comment}".rstrip())
    if not any(person.keys for person in people):
        print("No SSH keys.")
    return EXIT_OK


def _people(host: HostApi, name: str | None) -> tuple[Person, ...]:
    people = host.security.people()
    found = tuple(person for person in people if name in (None, person.name))
    if not found:
        known = ", ".join(person.name for person in people)
        raise Failure(f"There is no administrator {name}.", f"There is: {known}.")
    return found


def _add_key(host: HostApi, options: argparse.Namespace) -> int:
    record = host.security.add_ssh_key(options.name, key_line_in(options.file), this_actor())
    return answer_job(options, record, "The host is already as the document says.")


def _remove_key(host: HostApi, options: argparse.Namespace) -> int:
    if not options.yes:
        ask(f"Let {options.name} in by {options.fingerprint} no more?")
    record = host.security.remove_ssh_key(options.name, options.fingerprint, this_actor())
    return answer_job(options, record, "The host is already as the document says.")
