"""``flexvdi-manager backup``: write the Manager's state into one file, while it runs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from manager.backup.making import make_backup
from manager.command_line import with_state
from manager.secret_files import read_secret
from manager.services import open_services
from manager.settings import Settings
from manager.tasks.inline import InlineEngine


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = with_state(verbs.add_parser("backup", help="write the Manager's state into one file"))
    verb.add_argument("--output", type=Path, required=True, metavar="FILE", help="to write to")
    verb.add_argument(
        "--passphrase-file",
        metavar="FILE",
        help="encrypt it with the first line of this file; - for standard input",
    )
    verb.set_defaults(run=run)


def run(settings: Settings, options: argparse.Namespace) -> None:
    """Write it."""
    passphrase = None
    if options.passphrase_file:
        passphrase = read_secret(options.passphrase_file, "passphrase")
    services = open_services(settings, InlineEngine())
    make_backup(services, options.output.absolute(), passphrase)
    services.database.close()
    print(f"{options.output}: {options.output.stat().st_size} bytes")
    if passphrase is None:
        print("It holds the keys of the platform, unencrypted: keep it where nobody else reads it.")
