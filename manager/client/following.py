"""Following a task of the Manager to its end."""

from __future__ import annotations

import sys
import time
from typing import Any

from manager.client.connection import Connection
from manager.client.exits import TaskFailed, Unreachable

_PATH = "/api/v1/tasks/{}"
_FINAL = ("done", "failed", "cancelled")
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0
_AWAY_SECONDS = 120.0  # tasks survive a restart of the Manager, so following does as well


def follow(connection: Connection, task: str, *, quiet: bool = False) -> dict[str, Any]:
    """Wait for ``task`` and tell its progress on standard error; the task as it ended.

    Raises TaskFailed with the task's own cause and remedy where it did not end well, Unreachable
    where the Manager stayed away for two minutes.
    """
    told: tuple[Any, ...] = ()
    pause, away_since = _FIRST_PAUSE, 0.0
    while True:
        try:
            found: dict[str, Any] = connection.call("GET", _PATH.format(task))
            away_since = 0.0
        except Unreachable:
            away_since = away_since or time.monotonic()
            if time.monotonic() - away_since > _AWAY_SECONDS:
                raise
            time.sleep(_LONGEST_PAUSE)
            continue
        line = (found["state"], found["percent"], found["message"])
        if line != told and not quiet:
            _tell(found)
            pause = _FIRST_PAUSE
        told = line
        if found["state"] in _FINAL:
            _raise_for(found)
            return found
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _tell(task: dict[str, Any]) -> None:
    text = f"[{task['percent']:3d} %] {task['title']}: {task['message'] or task['state']}"
    print(text, file=sys.stderr, flush=True)


def _raise_for(task: dict[str, Any]) -> None:
    if task["state"] == "done":
        return
    error = task.get("error") or {}
    raise TaskFailed(
        error.get("cause") or f"The task was {task['state']}.",
        error.get("remedy") or "",
        where=error.get("where") or "",
        details=error.get("details") or "",
    )
