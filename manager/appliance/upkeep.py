"""Backup, restore and what comes, as the host asks for them through the guest agent.

The agent runs as root and knows neither where the Manager's state lies nor whose it is; the
Manager's own commands know the rest.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from foundation.process import Completed, run
from manager.appliance import database
from manager.appliance.places import MANAGER_USER, Places

MANAGER_UNIT = "flexvdi-manager.service"
_PROGRAM = "/usr/bin/flexvdi-manager"
_PATIENCE_SECONDS = 3600.0


def as_manager(
    places: Places, verb: str, *arguments: str, input_text: str | None = None
) -> Completed:
    """Run a verb of ``flexvdi-manager`` on this machine's state, as the Manager's user."""
    which = ["--state", str(places.manager_state), "--database", database.URL]
    return run(
        ["runuser", "--user", MANAGER_USER, "--", _PROGRAM, verb, *arguments, *which],
        input_text=input_text,
        timeout=_PATIENCE_SECONDS,
        working_directory="/",
    )


def back_up(places: Places, target: Path) -> None:
    """Write the Manager's state into ``target``, which must be below its state folder.

    Raises Failure; the Manager goes on working meanwhile.
    """
    target.unlink(missing_ok=True)
    as_manager(places, "backup", "--output", str(target))


def restore(places: Places, source: Path) -> None:
    """Put the backup ``source`` into the place of the state that is there.

    It is examined first, while the Manager still runs. Whatever comes of it, the Manager is started
    again. Raises Failure.
    """
    shutil.chown(source, MANAGER_USER, MANAGER_USER)
    try:
        as_manager(places, "restore", "--check", str(source))
        run(["systemctl", "stop", MANAGER_UNIT])
        try:
            as_manager(places, "restore", str(source))
        finally:
            run(["systemctl", "start", "--no-block", MANAGER_UNIT])
    finally:
        source.unlink(missing_ok=True)


def expect_address(places: Places, address: str, instead_of: str) -> str:
    """Have the Manager's hosts told of the address to come; who was not, as JSON."""
    return as_manager(places, "expect-address", address, "--instead-of", instead_of).stdout.strip()
