"""What became of commands, on disk: so that each is carried out once, whatever dies in between.

One small file for each command: it is there before the command begins, and gets the result when it
has ended. The Agent remembers a bounded number of them.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from agent.protocol.message import FailureFacts
from agent.protocol.to_agent import Command
from agent.protocol.to_manager import CommandResult
from foundation.atomic_file import write_atomically
from foundation.failure import Failure

log = logging.getLogger("flexvdi.agent")

_MOST = 500


class Results:
    """Commands of this host, by id."""

    def __init__(self, folder: Path, most: int = _MOST) -> None:
        """``folder`` is made if it is not there; what was under way in it was interrupted."""
        self._folder, self._most = folder, most
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
        except OSError as error:
            raise Failure(
                f"{folder} cannot be used: {error.strerror}.", "Check the disk, and who owns it."
            ) from error
        self._known: dict[str, dict[str, Any]] = {}
        for path in found:
            try:
                self._known[path.stem] = json.loads(path.read_text())
            except (OSError, ValueError):
                log.warning("%s is damaged and was removed", path)
                path.unlink(missing_ok=True)
        for command, entry in list(self._known.items()):
            if "result" not in entry:
                self.end(_interrupted(command, entry))

    def find(self, command: str) -> CommandResult | None:
        """How the command ended; None when it is not known, or has not ended."""
        entry = self._known.get(command, {})
        return CommandResult(**entry["result"]) if "result" in entry else None

    def is_known(self, command: str) -> bool:
        """Whether it was begun."""
        return command in self._known

    def begin(self, command: Command) -> None:
        """Note that it begins."""
        self._write(command.id, {"verb": command.verb, "who": command.who})

    def end(self, result: CommandResult) -> None:
        """Note how it ended."""
        entry = {**self._known.get(result.id, {}), "result": result.model_dump(mode="json")}
        self._write(result.id, entry)

    def acknowledge(self, command: str) -> None:
        """The Manager has it; it is remembered only so that it is not done again."""
        entry = self._known.get(command)
        if entry is not None and not entry.get("acknowledged"):
            self._write(command, {**entry, "acknowledged": True})

    def unacknowledged(self) -> tuple[CommandResult, ...]:
        """Those that the Manager must be told (again), oldest first."""
        return tuple(
            CommandResult(**entry["result"])
            for entry in self._known.values()
            if "result" in entry and not entry.get("acknowledged")
        )

    def _write(self, command: str, entry: dict[str, Any]) -> None:
        self._known[command] = entry
        try:
            write_atomically(self._folder / f"{command}.json", json.dumps(entry), 0o600)
        except OSError as error:
            raise Failure(
                f"The command could not be noted in {self._folder}: {error.strerror}.",
                "Free some space on /var.",
            ) from error
        while len(self._known) > self._most:
            oldest = next(iter(self._known))
            del self._known[oldest]
            (self._folder / f"{oldest}.json").unlink(missing_ok=True)


def _interrupted(command: str, entry: dict[str, Any]) -> CommandResult:
    return CommandResult(
        id=command,
        state="interrupted",
        failure=FailureFacts(
            cause=f"The Agent was stopped while it carried out {entry.get('verb', 'a command')}.",
            remedy="See how things are on the host, and ask again.",
        ),
    )
