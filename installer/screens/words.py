"""The installer's state in words, for screens and for plain lines alike. Pure."""

from __future__ import annotations

from config_tui.kit.text import bytes_in_words, duration_in_words
from installer.engine.events import FailureText, Status

TITLE = "flexVDI installation"


def step_number(status: Status) -> tuple[int, int]:
    """Which step runs (from 1) and how many there are; 0 before the first."""
    names = [step.name for step in status.steps]
    running = status.progress.step
    return (names.index(running) + 1 if running in names else 0, len(names))


def step_title(status: Status) -> str:
    """The running step with its number, as in ``Step 3 of 14: Making volumes``."""
    number, count = step_number(status)
    if not number:
        return ""
    return f"Step {number} of {count}: {status.steps[number - 1].title}"


def progress_line(status: Status) -> str:
    """Bytes, rate and time left of the running step; empty when it does not count bytes."""
    progress = status.progress
    if not progress.total:
        return ""
    parts = [f"{bytes_in_words(progress.done)} of {bytes_in_words(progress.total)}"]
    if progress.rate > 0:
        parts.append(f"{bytes_in_words(progress.rate)}/s")
    if progress.seconds_left is not None and progress.done < progress.total:
        parts.append(f"{duration_in_words(progress.seconds_left)} left")
    return ", ".join(parts)


def failure_lines(failure: FailureText) -> list[str]:
    """A failure line by line: cause, remedy, details, log."""
    where = f"{failure.where}: " if failure.where else ""
    lines = [f"{where}{failure.cause}"]
    if failure.remedy:
        lines.append(failure.remedy)
    lines += [f"  {line}" for line in failure.details.strip().splitlines()]
    if failure.log:
        lines.append(f"Log: {failure.log}")
    return lines


def countdown_line(status: Status) -> str:
    """What the countdown that runs will do; empty when none runs."""
    if status.countdown is None:
        return ""
    left = f"{status.countdown} s"
    if status.state == "confirming":
        return f"Writing to the disks begins in {left}."
    return f"In {left}."


__all__ = [
    "TITLE",
    "bytes_in_words",
    "countdown_line",
    "duration_in_words",
    "failure_lines",
    "progress_line",
    "step_number",
    "step_title",
]
