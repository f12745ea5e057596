"""Verbs of flexvdi-config on an installed host, over its shell, with what they answer."""

from __future__ import annotations

import json
from typing import Any

from tests.lab.host_shell import HostShell

PATIENCE = 600.0
"""How long, in seconds, a verb may take under software emulation."""


def change(shell: HostShell, verb: str) -> str:
    """Run a verb that changes the host, without being asked."""
    return shell.run(f"flexvdi-config {verb} --yes", PATIENCE)


def refused(shell: HostShell, verb: str) -> str:
    """What a verb says that must not succeed."""
    return shell.run(f"! flexvdi-config {verb} 2>&1", PATIENCE)


def answer(shell: HostShell, verb: str) -> Any:
    """What a verb answers in JSON."""
    return json.loads(shell.run(f"flexvdi-config {verb} --json", PATIENCE))


def wait_until(shell: HostShell, verb: str, pattern: str) -> None:
    """Wait until a verb says ``pattern`` (an extended regular expression); else AssertionError."""
    looked = f"flexvdi-config {verb} 2>&1"
    until = f"until {looked} | grep -qE -- '{pattern}'; do sleep 1; done"
    # The verb's own last words are what a failed test needs.
    shell.run(f'timeout {PATIENCE:.0f} sh -c "{until}" || {{ {looked}; false; }}', 2 * PATIENCE)


def health(shell: HostShell, name: str) -> dict[str, str]:
    """One check of the host's status."""
    checks = answer(shell, "status")["checks"]
    found: dict[str, str] = next(check for check in checks if check["name"] == name)
    return found
