"""A group of settings: a model with defaults and a name."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class PreferenceGroup(BaseModel):
    """Base of all groups. An area lists its own in ``GROUPS`` of its module ``preferences``.

    Every field has a default; none is a secret (those are sealed in tables of their own).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    NAME: ClassVar[str]
