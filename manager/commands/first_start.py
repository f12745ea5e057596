"""``flexvdi-manager first-start``: take over the secrets of an appliance's seed, once.

They come as JSON on standard input, so that no process list and no file of the Manager's holds
them. Run again with the same secrets, after a power cut, nothing happens twice.
"""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from foundation.failure import Failure
from manager.access.principal import Principal
from manager.access.role import Role
from manager.access.setting_up import ensure_setup_secret, set_up_with_hash
from manager.appliance.seed import FirstStart
from manager.command_line import with_state
from manager.hosts.tokens import keep_given_token
from manager.services import Services, open_services
from manager.settings import Settings
from manager.tasks.inline import InlineEngine

# As long as a deployment may take that somebody has to repair half-way.
_TOKEN_LIFETIME = timedelta(days=1)


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = with_state(
        verbs.add_parser("first-start", help="take over the secrets of a seed (JSON on stdin)")
    )
    verb.set_defaults(run=run)


def run(settings: Settings, options: argparse.Namespace) -> None:
    """Read them and make what they are for; raises Failure when they are none."""
    try:
        secrets = FirstStart.model_validate_json(sys.stdin.read())
    except ValidationError as error:
        raise Failure(
            "Standard input does not hold the secrets of a seed.",
            "This command is for the appliance's own start.",
        ) from error
    take_over(open_services(settings, InlineEngine()), secrets)


def take_over(services: Services, secrets: FirstStart) -> None:
    """Make the administrator, the set-up secret and the join token that ``secrets`` name."""
    if secrets.administrator is not None:
        administrator = secrets.administrator
        set_up_with_hash(services, administrator.name, "", administrator.password_hash)
    elif secrets.setup_secret is not None:
        ensure_setup_secret(services, secrets.setup_secret)
    if secrets.join_token is not None:
        keep_given_token(
            services,
            Principal("setup", Role.ADMIN, "setup", ""),
            secrets.join_token,
            note="of the seed, for the host that deployed this Manager",
            lifetime=_TOKEN_LIFETIME,
        )
