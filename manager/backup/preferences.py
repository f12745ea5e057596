"""Settings of backups."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from manager.preferences.group import PreferenceGroup


class BackupPreferences(PreferenceGroup):
    """When the Manager backs itself up, and how many backups it keeps."""

    NAME: ClassVar[str] = "backup"

    every_day: bool = Field(True, description="Make a backup each day.")
    hour: int = Field(2, ge=0, le=23, description="The hour of the day, UTC.")
    prove_days: int = Field(
        7,
        ge=0,
        le=365,
        description="Days between two trials whether the newest backup can be restored; 0: none.",
    )
    keep: int = Field(14, ge=1, le=365, description="Backups that are kept; older ones go.")


GROUPS = (BackupPreferences,)
