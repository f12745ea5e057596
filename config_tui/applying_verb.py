"""What the verbs that change the host document have in common: consents, the plan, the job."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from config_tui.verb import (
    answer_job,
    ask,
    print_plan,
    print_step,
    until_interrupted,
    yes_option,
)
from host.api import HostApi
from host.audit import this_actor

if TYPE_CHECKING:
    from host.document.model import HostDocument
    from host.jobs import JobRecord


def consent_options(verb: argparse.ArgumentParser, *, confirm_timeout: int | None = None) -> None:
    """The options by which somebody agrees to what a plan says.

    ``confirm_timeout`` is the default of ``--confirm-timeout``; None keeps changes at once.
    """
    yes_option(verb)
    verb.add_argument(
        "--erase",
        action="append",
        default=[],
        metavar="NAME",
        help="a disk or volume whose content may be lost; for each one that the plan names",
    )
    verb.add_argument(
        "--acknowledge",
        action="append",
        default=[],
        metavar="WORD",
        help="a risk that is meant, as in no-management-path; for each one that the plan names",
    )
    default = "0 keeps it at once" if confirm_timeout is None else f"{confirm_timeout} if not given"
    verb.add_argument(
        "--confirm-timeout",
        type=int,
        default=confirm_timeout,
        metavar="SECONDS",
        help="put a change that may cut connections back by itself unless `flexvdi-config "
        f"confirm` comes within SECONDS ({default})",
    )


def apply_changed(
    host: HostApi, document: HostDocument, options: argparse.Namespace, *, typed_input: bool = True
) -> int:
    """Show the plan for ``document``, ask, apply, and tell how it ended and what is to be done."""
    plan = host.plan(document)
    if plan.is_empty:
        return answer_job(options, None, "The host is already as the document says.")
    if not options.json:
        print_plan(plan)
    if not options.yes:
        ask("Apply this?", typed_input=typed_input)
    record = until_interrupted(
        lambda cancel: host.apply(
            document,
            this_actor(),
            (lambda event: None) if options.json else print_step,
            cancel,
            erase=tuple(options.erase),
            confirm_timeout=options.confirm_timeout or None,
            acknowledge=tuple(options.acknowledge),
        )
    )
    code = answer_job(options, record, "Nothing was to be done.")
    tell_pending(options, record)
    return code


def tell_pending(options: argparse.Namespace, record: JobRecord | None) -> None:
    """Say what is to be done where a change waits for its confirmation."""
    if record is not None and record.state == "unconfirmed" and not options.json:
        print(
            f"It goes back by itself in {options.confirm_timeout} s. "
            "If the host can still be reached: flexvdi-config confirm"
        )
