"""Settings of the access area."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from pydantic import Field

from manager.preferences.group import PreferenceGroup


class SessionPreferences(PreferenceGroup):
    """How long people stay signed in."""

    NAME: ClassVar[str] = "sessions"

    idle_minutes: int = Field(30, ge=5, le=1440, description="Signed out after so long unused.")
    absolute_hours: int = Field(12, ge=1, le=168, description="Signed out after this in any case.")

    @property
    def idle(self) -> timedelta:
        """As a duration."""
        return timedelta(minutes=self.idle_minutes)

    @property
    def absolute(self) -> timedelta:
        """As a duration."""
        return timedelta(hours=self.absolute_hours)


class PasswordPreferences(PreferenceGroup):
    """What passwords of administrators must be like."""

    NAME: ClassVar[str] = "passwords"

    least_length: int = Field(12, ge=8, le=64, description="Characters.")
    failures_before_wait: int = Field(
        5, ge=3, le=50, description="Wrong passwords in a row before an account has to wait."
    )


class SecondFactorPreferences(PreferenceGroup):
    """Who must have a second factor; until they have one, only their own account is open."""

    NAME: ClassVar[str] = "second-factor"

    administrators: bool = Field(
        False, description="Administrators of the Manager's own must have one."
    )
    people_of_directories: bool = Field(
        False, description="People who sign in by a directory must have one."
    )


GROUPS = (SessionPreferences, PasswordPreferences, SecondFactorPreferences)
