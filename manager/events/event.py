"""What an event is."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict


class Severity(StrEnum):
    """How much an event matters to an administrator."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Event(BaseModel):
    """Something that happened.

    ``kind`` is dotted, as in ``host.joined``; ``subject`` names what it happened to, as in
    ``host:ID``; ``text`` is one English sentence; ``data`` holds the parts for programs. ``id``
    is 0 for those that are told and not kept (progress, for example).
    """

    model_config = ConfigDict(frozen=True)

    id: int = 0
    time: datetime
    kind: str
    subject: str = ""
    severity: Severity = Severity.INFO
    text: str = ""
    data: dict[str, Any] = {}
