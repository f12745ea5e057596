"""A journal in memory (host.machine.journal.SystemJournal)."""

from __future__ import annotations

from host.api.support import PRIORITIES, LogEntry, LogFilter, LogPage
from host.backends.simulated.simulation import Simulation


class SimulatedJournal:
    """As the machine's JSON says (``journal``: a list of time, priority, source, message)."""

    def __init__(self, simulation: Simulation) -> None:
        """Without an entry, it is empty."""
        self._simulation = simulation

    def read(self, wanted: LogFilter, lines: int, before: str) -> LogPage:
        """The entries that fit; a cursor is the entry's number."""
        self._simulation.meet("journal")
        found = [
            entry
            for entry in self._entries()
            if (not before or int(entry.cursor) < int(before)) and _fits(entry, wanted)
        ]
        page = found[-lines:]
        return LogPage(tuple(page), page[0].cursor if len(found) > len(page) else "")

    def read_after(self, wanted: LogFilter, lines: int, after: str) -> tuple[LogEntry, ...]:
        """Those with a higher number."""
        self._simulation.meet("journal")
        later = (entry for entry in self._entries() if int(entry.cursor) > int(after))
        return tuple(entry for entry in later if _fits(entry, wanted))[:lines]

    def sources(self) -> tuple[str, ...]:
        """Every source."""
        return tuple(sorted({entry.source for entry in self._entries()}))

    def _entries(self) -> list[LogEntry]:
        return [
            LogEntry(
                entry["time"],
                entry.get("priority", "info"),
                entry["source"],
                entry["message"],
                str(number),
            )
            for number, entry in enumerate(self._simulation.facts.get("journal", ()))
        ]


def _fits(entry: LogEntry, wanted: LogFilter) -> bool:
    gravest = PRIORITIES.index(wanted.priority) if wanted.priority else len(PRIORITIES)
    return (
        (not wanted.unit or wanted.unit.removesuffix(".service") == entry.source)
        and PRIORITIES.index(entry.priority) <= gravest
        and wanted.words.lower() in entry.message.lower()
        and (not wanted.audit or entry.source == "flexvdi-config")
    )
