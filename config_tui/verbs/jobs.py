"""Jobs: list, show, resume, roll back."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import TYPE_CHECKING

from config_tui.following import follow
from config_tui.verb import Verbs, answer_job, print_json, until_interrupted
from foundation.command_line import EXIT_OK
from host.api import HostApi
from host.audit import this_actor

if TYPE_CHECKING:
    from host.jobs import JobRecord


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    job = verbs.group("job", "list, show, resume or roll back jobs")
    job.add("list", _list, "the jobs that are known, the latest first")
    for name, run, help in (
        ("show", _show, "one job"),
        ("resume", _resume, "carry an interrupted job to its end"),
        ("rollback", _rollback, "put back what an interrupted job changed"),
    ):
        job.add(name, run, help).add_argument("job", help="the job's number")


def _list(host: HostApi, options: argparse.Namespace) -> int:
    records = host.jobs()
    if options.json:
        print_json([record.as_dict() for record in records])
    else:
        for record in records:
            print(_in_words(record))
    return EXIT_OK


def _show(host: HostApi, options: argparse.Namespace) -> int:
    record = host.job(options.job)
    if options.json:
        print_json(record.as_dict())
        return EXIT_OK
    print(_in_words(record))
    for step in record.done:
        print(f"  done: {step}")
    for name, text in record.failure.items():
        print(f"  {name}: {text}")
    return EXIT_OK


def _resume(host: HostApi, options: argparse.Namespace) -> int:
    record = until_interrupted(
        lambda cancel: host.resume(options.job, this_actor(), follow(options), cancel)
    )
    return answer_job(options, record, "Nothing was left to do.")


def _rollback(host: HostApi, options: argparse.Namespace) -> int:
    return answer_job(options, host.rollback(options.job, this_actor()), "")


def _in_words(record: JobRecord) -> str:
    at = datetime.fromtimestamp(record.started).isoformat(" ", "seconds")
    return (
        f"{record.id}  {record.state}  {record.title}  "
        f"({len(record.done)}/{record.total}, {at}, {record.who})"
    )
