"""What one part of the document would change: in words with their risk, and as steps of a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from host.jobs import JobStep

Risk = Literal["none", "service", "connection", "data"]


@dataclass(frozen=True)
class Change:
    """One change, in words.

    ``details`` is a diff where there is one to read, and never holds a secret. A change with the
    risk ``data`` names in ``erases`` the disks or volumes whose content is lost. ``acknowledge``
    is a word that a person must give as well, for what is hard to come back from.
    """

    part: str
    summary: str
    risk: Risk = "none"
    details: str = ""
    erases: tuple[str, ...] = ()
    acknowledge: str = ""


@dataclass(frozen=True)
class PartPlan:
    """What one part of the document needs: its changes, and the steps that make them.

    ``notes`` are what a person should know although nothing is done about it.

    The name of a step is the part's, or begins with it and a slash (``mounts/data``), so that
    the step can be undone when only its journal is left.
    """

    changes: tuple[Change, ...] = ()
    steps: tuple[JobStep, ...] = ()
    notes: tuple[str, ...] = ()
