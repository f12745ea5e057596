"""``flexvdi-manager restore``: put a backup into the place of the state that is there."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from manager.backup.restoring import examine_backup, restore_backup
from manager.command_line import with_state
from manager.secret_files import read_secret
from manager.settings import Settings
from manager.state_lock import locked_state


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = with_state(verbs.add_parser("restore", help="restore the Manager's state from a backup"))
    verb.add_argument("file", type=Path, metavar="FILE", help="that `backup` has written")
    verb.add_argument(
        "--passphrase-file",
        metavar="FILE",
        help="its passphrase is the first line of this file; - for standard input",
    )
    verb.add_argument("--check", action="store_true", help="only say whether it can be restored")
    verb.set_defaults(run=run)


def run(settings: Settings, options: argparse.Namespace) -> None:
    """Restore it."""
    if options.check:
        header = examine_backup(options.file)
        print(header.model_dump_json(indent=2))
        return
    passphrase = None
    if options.passphrase_file:
        passphrase = read_secret(options.passphrase_file, "passphrase")
    with locked_state(settings):
        restore_backup(settings, options.file, passphrase, print)
    print("Restored. Start the Manager; everybody signs in again.")
