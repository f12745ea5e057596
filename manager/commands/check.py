"""``flexvdi-manager check``: look at the Manager's state, changing nothing."""

from __future__ import annotations

import argparse
import json
from typing import Any

from manager.checking import check_state
from manager.command_line import with_state
from manager.settings import Settings


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = with_state(verbs.add_parser("check", help="look at the state, changing nothing"))
    verb.add_argument("--json", action="store_true", help="answer in JSON")
    verb.set_defaults(run=run)


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Look; the exit status is 1 where something is wrong."""
    checks = check_state(settings)
    if options.json:
        print(json.dumps([check.as_dict() for check in checks], indent=2))
    else:
        for check in checks:
            print(f"{'ok  ' if check.good else 'FAIL'}  {check.name}: {check.value}")
            if check.remedy:
                print(f"      {check.remedy}")
    return 0 if all(check.good for check in checks) else 1
