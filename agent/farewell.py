"""Saying to the Manager that the host leaves, when flexVDI Config has asked for it."""

from __future__ import annotations

import json

from agent.protocol.to_manager import Leaving
from host.machine.files import Files
from host.membership_files import LEAVING_FILE


def farewell(files: Files) -> Leaving:
    """What to say when the Agent is stopped: for good if flexVDI Config has noted so."""
    content = files.read(LEAVING_FILE)
    if content is None:
        return Leaving(reason="The Agent was stopped.")
    try:
        said = json.loads(content.text)
        reason = f"{said['who']}: {said['reason']}" if said.get("reason") else str(said["who"])
    except (ValueError, KeyError, TypeError):
        reason = ""
    return Leaving(for_good=True, reason=reason)


def was_heard(files: Files) -> None:
    """The Manager knows: whoever waits for the Agent to stop sees it by the file being gone."""
    files.put(LEAVING_FILE, None)
