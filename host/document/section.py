"""What all sections of the document share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Immutable, and nothing unknown inside: a misspelt key that is ignored is a lost change."""

    model_config = ConfigDict(frozen=True, extra="forbid")
