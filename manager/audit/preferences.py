"""Settings of the audit log."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from manager.preferences.group import PreferenceGroup


class AuditPreferences(PreferenceGroup):
    """How long audit records are kept."""

    NAME: ClassVar[str] = "audit"

    keep_days: int = Field(730, ge=30, le=3650, description="Days.")


GROUPS = (AuditPreferences,)
