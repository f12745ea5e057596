"""What an engine that died left behind, read from its journal by the one that follows it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from foundation.failure import Failure
from installer.engine.journal import Journal
from kickstart.install_plan import InstallPlan

RESTARTS = 3
"""How often an installation goes on by itself after its engine died; then a person decides."""


@dataclass(frozen=True)
class Interruption:
    """An installation that was under way or over. ``ended`` is None when it was interrupted."""

    source: str
    unattended: bool
    restarts: int
    step: str
    ended: Literal["finished", "failed"] | None
    cause: str


def interruption_in(journal: Journal) -> Interruption | None:
    """What the journal tells about the last engine; None when no installation had begun."""
    started: dict[str, object] | None = None
    restarts = 0
    step = ""
    ended: Literal["finished", "failed"] | None = None
    cause = ""
    for entry in journal.entries():
        match entry["entry"]:
            case "installation-started":
                started, ended = entry, None
            case "engine-started" if started is not None:
                restarts += 1
            case "step-started":
                step = str(entry.get("step", ""))
            case "installation-ended":
                ended = "finished" if entry.get("result") == "finished" else "failed"
                cause = str(entry.get("cause", ""))
    if started is None:
        return None
    return Interruption(
        source=str(started.get("source", "")),
        unattended=bool(started.get("unattended", False)),
        restarts=restarts,
        step=step,
        ended=ended,
        cause=cause,
    )


def read_plan(folder: Path) -> InstallPlan:
    """The plan that the interrupted engine kept; raises Failure when it is gone or damaged."""
    path = folder / "plan.json"
    try:
        return InstallPlan.model_validate_json(path.read_text())
    except (OSError, ValidationError) as error:
        raise Failure(
            "The installer's engine was interrupted and its plan is gone.",
            "Start over.",
            details=type(error).__name__,
        ) from error
