"""A task that writes down each step and waits inside of it until it is let go on."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from foundation.failure import Failure
from manager.tasks.run import TaskRun
from manager.tasks.task import TaskKind


def walk(run: TaskRun) -> dict[str, Any]:
    folder, steps = Path(run.arguments["folder"]), run.arguments["steps"]
    done = []
    for number in range(steps):
        run.progress(100 * number // steps, f"step {number}")
        done.append(run.step(f"step {number}", _one, run, folder, number))
    return {"steps": done}


def _one(run: TaskRun, folder: Path, number: int) -> str:
    _write(folder, f"begin {number}")
    if number == run.arguments["fails_at"]:
        raise Failure("The bridge is out.", "Build another one.", where="bridge")
    while not (folder / f"go-{number}").exists():
        run.check()
        time.sleep(0.02)
    _write(folder, f"end {number}")
    return f"result {number}"


def _write(folder: Path, line: str) -> None:
    with (folder / "journal").open("a") as journal:
        journal.write(line + "\n")


KINDS = (TaskKind("lab.steps", walk, deadline=600),)
