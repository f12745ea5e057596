"""The journal of this machine, by journalctl's JSON (host.machine.journal.SystemJournal)."""

from __future__ import annotations

import json
from typing import Any

from foundation.failure import Failure
from foundation.process import ProcessFailed, run
from host.api.support import PRIORITIES, LogEntry, LogFilter, LogPage
from host.audit import IDENTIFIER, RESULTS

_NOTHING_FOUND = 1
# Matches of one field are alternatives (journalctl(1)); other records of the program have none.
_AUDIT = (f"SYSLOG_IDENTIFIER={IDENTIFIER}", *(f"FLEXVDI_RESULT={word}" for word in RESULTS))
_FIELDS = "MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_SYSTEMD_UNIT,_COMM"
_LONGEST = 4096
_READ = (
    *("journalctl", "--output=json", f"--output-fields={_FIELDS}"),
    *("--no-pager", "--quiet"),
)


class RealJournal:
    """journalctl(1)."""

    def read(self, wanted: LogFilter, lines: int, before: str) -> LogPage:
        """One run of journalctl, from the end; one line more tells whether there are older ones."""
        argv = [*_READ, "--reverse", f"--lines={lines + 1}", *journalctl_arguments(wanted)]
        if before:
            # Going back from a cursor includes the entry it names.
            argv += [f"--cursor={before}"]
        entries = _entries(_run(argv))
        if before and entries and entries[0].cursor == before:
            entries = entries[1:]
        page, older = entries[:lines], entries[lines:]
        page.reverse()
        return LogPage(tuple(page), page[0].cursor if older and page else "")

    def read_after(self, wanted: LogFilter, lines: int, after: str) -> tuple[LogEntry, ...]:
        """One run of journalctl, from the cursor on."""
        argv = [*_READ, f"--after-cursor={after}", *journalctl_arguments(wanted)]
        return tuple(_entries(_run(argv))[:lines])

    def sources(self) -> tuple[str, ...]:
        """Values of _SYSTEMD_UNIT in this boot."""
        said = _run(["journalctl", "--field=_SYSTEMD_UNIT", "--quiet"])
        return tuple(
            sorted(line for line in said.splitlines() if line and not line.startswith("."))
        )


def journalctl_arguments(wanted: LogFilter) -> list[str]:
    """What journalctl must be told to show only what is ``wanted``."""
    arguments = []
    if wanted.boot is not None:
        arguments.append(f"--boot={wanted.boot}")
    if wanted.unit:
        arguments.append(f"--unit={wanted.unit}")
    if wanted.priority:
        if wanted.priority not in PRIORITIES:
            raise Failure(
                f"“{wanted.priority}” is no priority.", f"Use one of {', '.join(PRIORITIES)}."
            )
        arguments.append(f"--priority={wanted.priority}")
    if wanted.since:
        arguments.append(f"--since={wanted.since}")
    if wanted.words:
        escaped = "".join(f"\\{c}" if c in r"\.^$*+?()[]{}|" else c for c in wanted.words)
        arguments += [f"--grep={escaped}", "--case-sensitive=no"]
    if wanted.audit:
        arguments += _AUDIT
    return arguments


def _entries(said: str) -> list[LogEntry]:
    return [read_entry(json.loads(line)) for line in said.splitlines() if line]


def read_entry(entry: dict[str, Any]) -> LogEntry:
    """An entry of journalctl's JSON; a message that is no text comes as a list of bytes."""
    message = entry.get("MESSAGE")
    if isinstance(message, list):
        message = bytes(message).decode(errors="replace")
    unit = str(entry.get("_SYSTEMD_UNIT", ""))
    number = str(entry.get("PRIORITY", "6"))
    return LogEntry(
        time=int(entry["__REALTIME_TIMESTAMP"]) / 1e6,
        priority=PRIORITIES[int(number)] if number in "01234567" else "info",
        source=str(entry.get("SYSLOG_IDENTIFIER") or unit or entry.get("_COMM") or ""),
        message=str(message or "")[:_LONGEST],
        cursor=entry["__CURSOR"],
    )


def _run(argv: list[str]) -> str:
    try:
        return run(argv, timeout=60, accept=(0, _NOTHING_FOUND)).stdout
    except ProcessFailed as failure:
        raise Failure(
            "The journal could not be read.", "See `journalctl`.", details=failure.details
        ) from failure
