"""From a document to a plan: what would change, in words, in order, with its risks.

Each part of the document (host.parts) compares what the document says with what is on the machine,
so a plan also shows what somebody changed by hand. Nothing here changes anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from host.change import Change, Risk
from host.document.model import HostDocument
from host.document.writing import document_text
from host.jobs import JobStep
from host.machine import Machine
from host.parts import find_parts


@dataclass(frozen=True)
class Plan:
    """The changes and their steps, in the order in which they are made."""

    document: HostDocument
    changes: tuple[Change, ...]
    steps: tuple[JobStep, ...]
    document_changes: bool
    notes: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the host is already as the document says."""
        return not self.changes and not self.document_changes

    @property
    def risks(self) -> tuple[str, ...]:
        """What a person should know before saying yes."""
        risks = {change.risk for change in self.changes}
        words = [words for risk, words in _RISK_IN_WORDS.items() if risk in risks]
        if self.erases:
            words.append(f"Everything on {', '.join(self.erases)} is lost.")
        return tuple(words)

    @property
    def cuts_connections(self) -> bool:
        """Whether a person connected over the network may be cut off."""
        return any(change.risk == "connection" for change in self.changes)

    @property
    def erases(self) -> tuple[str, ...]:
        """The disks and volumes whose content is lost; applying asks for exactly these names."""
        return tuple(dict.fromkeys(name for change in self.changes for name in change.erases))

    @property
    def acknowledgements(self) -> tuple[str, ...]:
        """The words that applying asks for, each for a risk of its own."""
        words = (change.acknowledge for change in self.changes)
        return tuple(dict.fromkeys(filter(None, words)))

    def as_dict(self) -> dict[str, Any]:
        """Changes and risks as JSON-ready values."""
        return {
            "changes": [asdict(change) for change in self.changes],
            "risks": list(self.risks),
            "erases": list(self.erases),
            "acknowledgements": list(self.acknowledgements),
            "notes": list(self.notes),
        }


_RISK_IN_WORDS: Mapping[Risk, str] = {
    "connection": "Network connections of this host, yours included, may be cut.",
    "service": "Services of this host are reloaded.",
}


def make_plan(document: HostDocument, machine: Machine, current: HostDocument | None) -> Plan:
    """What it takes to make ``machine`` as ``document`` says.

    ``current`` is the document in force, None when there is none or it cannot be read.
    """
    plans = [part.plan(document, current, machine) for part in find_parts()]
    before = document_text(current) if current is not None else ""
    return Plan(
        document,
        tuple(change for plan in plans for change in plan.changes),
        tuple(step for plan in plans for step in plan.steps),
        before != document_text(document),
        tuple(note for plan in plans for note in plan.notes),
    )
