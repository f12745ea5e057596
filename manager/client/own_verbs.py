"""Verbs of managerctl that are no operation of the API: connecting, signing in, following."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from foundation.command_line import EXIT_OK, OneLineParser
from foundation.failure import Failure, WrongArgument
from foundation.joining import check_fingerprint, readable_fingerprint
from foundation.secret import Secret
from manager.client.connection import Connection
from manager.client.exits import NoAccess, NotTrusted
from manager.client.following import follow
from manager.client.output import local_time, print_facts, print_json
from manager.client.parsing import PROGRAM
from manager.client.performing import ask
from manager.client.profile import KnownManager, Session, this_profile
from manager.client.trust import fetch_ca, pem_fingerprint, url_of
from manager.client.values import secret

SESSION_PATH = "/api/v1/session"
STREAM_PATH = "/api/v1/events/stream"

Connect = Callable[[argparse.Namespace], Connection]


def add_own_verbs(verbs: Any, connect: Connect, parser: Callable[[], OneLineParser]) -> None:
    """Add them beside the operations; ``connect`` and ``parser`` are the program's."""
    verb = verbs.add("connect", "get to know a Manager, by address and fingerprint", _connect)
    verb.add_argument("address", metavar="ADDRESS", help="its name or address, :PORT behind it")
    verb.add_argument("--fingerprint", metavar="SHA256", help="of its CA; asked about without it")

    verb = verbs.add("sign-in", "sign in with name and password", _sign_in)
    verb.add_argument("name", metavar="NAME", help="an administrator, or NAME@DIRECTORY")
    verb.add_argument("--password-file", metavar="FILE", help="file with the password, - for stdin")
    verb.add_argument("--code-file", metavar="FILE", help="file with the one-time code, if needed")

    verbs.add("sign-out", "end the session", lambda options: _sign_out(options, connect))

    verb = verbs.add(
        "task follow", "wait for a task, telling its progress", lambda o: _follow(o, connect)
    )
    verb.add_argument("task", metavar="TASK")
    verb.add_argument("--json", action="store_true", help="answer in JSON")

    verb = verbs.add(
        "event follow", "print events as they happen", lambda options: _events(options, connect)
    )
    verb.add_argument("--kind", default="", help="only kinds that begin so")
    verb.add_argument("--json", action="store_true", help="one JSON value on each line")

    verb = verbs.add(
        "completion", "print the completion for a shell", lambda o: _completion(o, parser)
    )
    verb.add_argument("shell", choices=("bash",))


def _connect(options: argparse.Namespace) -> int:
    url = url_of(options.address)
    ca = fetch_ca(url)
    found = pem_fingerprint(ca)
    if options.fingerprint:
        if check_fingerprint(options.fingerprint) != found:
            raise NotTrusted(
                f"The Manager at {url} has another fingerprint: {readable_fingerprint(found)}.",
                "Something else answers there, or the fingerprint is of another Manager.",
            )
    elif not sys.stdin.isatty():
        raise WrongArgument("The fingerprint must be given.", "Say --fingerprint SHA256.")
    else:
        print(f"The Manager at {url} has this fingerprint:\n  {readable_fingerprint(found)}")
        ask("Is that what its console or dashboard shows?")
    profile = this_profile()
    profile.save(KnownManager(url=url, fingerprint=found, ca=ca))
    health = Connection(url, profile.ca_file).call("GET", "/health")
    print(f"Connected to the Manager at {url}, version {health['version']}.")
    return EXIT_OK


def _sign_in(options: argparse.Namespace) -> int:
    profile = this_profile()
    known = profile.load()
    connection = Connection(known.url, profile.ca_file)
    body = {"name": options.name, "password": secret(options.password_file, "password")}
    if options.code_file:
        body["code"] = secret(options.code_file, "one-time code")
    answer = _open_session(connection, body, may_ask=options.code_file is None)
    session = Session(name=answer["name"], cookies=connection.cookies, csrf=Secret(answer["csrf"]))
    profile.save(known.model_copy(update={"session": session}))
    print(f"Signed in as {answer['name']}, {answer['role']}.")
    return EXIT_OK


def _open_session(connection: Connection, body: dict[str, str], *, may_ask: bool) -> Any:
    try:
        return connection.call("POST", SESSION_PATH, body=body)
    except NoAccess as failure:
        if failure.where != "code" or not may_ask or not sys.stdin.isatty():
            raise
    return connection.call(
        "POST", SESSION_PATH, body={**body, "code": secret(None, "one-time code")}
    )


def _sign_out(options: argparse.Namespace, connect: Connect) -> int:
    profile = this_profile()
    known = profile.load()
    if known.session is None:
        print("Nobody was signed in.")
        return EXIT_OK
    try:
        connect(options).call("DELETE", SESSION_PATH)
    except NoAccess:
        pass  # the session has ended by itself
    finally:
        profile.save(known.model_copy(update={"session": None}))
    print("Signed out.")
    return EXIT_OK


def _follow(options: argparse.Namespace, connect: Connect) -> int:
    task = follow(connect(options), options.task, quiet=options.json)
    if options.json:
        print_json(task)
    else:
        print_facts(task.get("result") or {"state": task["state"]})
    return EXIT_OK


def _events(options: argparse.Namespace, connect: Connect) -> int:
    for event in connect(options).events(STREAM_PATH):
        if not event["kind"].startswith(options.kind):
            continue
        if options.json:
            print_json_line(event)
        else:
            print(f"{local_time(event['time'])}  {event['kind']}  {event['text']}", flush=True)
    raise Failure("The Manager has ended the stream of events.", "Follow them again.")


def print_json_line(value: Any) -> None:
    """``value`` as JSON on one line, at once."""
    import json

    print(json.dumps(value, ensure_ascii=False), flush=True)


def _completion(options: argparse.Namespace, parser: Callable[[], OneLineParser]) -> int:
    from foundation.completion import bash_completion
    from foundation.verb_tree import tree_of

    print(bash_completion(tree_of(parser()), PROGRAM), end="")
    return EXIT_OK
