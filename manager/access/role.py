"""The roles, and what each may do."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody may do; exactly one for each administrator, token and directory group."""

    ADMIN = "admin"  # everything
    OPERATOR = "operator"  # runs the platform: hosts, guests, tasks; not who may sign in
    AUDITOR = "auditor"  # sees everything, the audit log too; changes nothing
    READ_ONLY = "read-only"  # sees the platform; changes nothing

    @property
    def strength(self) -> int:
        """For choosing among several roles of one person: the higher one counts."""
        return _STRENGTH[self]


_STRENGTH = {Role.READ_ONLY: 0, Role.AUDITOR: 1, Role.OPERATOR: 2, Role.ADMIN: 3}

# The sets that routes ask for. Administrators may do all that anybody may.
ANYBODY = (Role.ADMIN, Role.OPERATOR, Role.AUDITOR, Role.READ_ONLY)
OPERATORS = (Role.ADMIN, Role.OPERATOR)
AUDITORS = (Role.ADMIN, Role.AUDITOR)
ADMINISTRATORS = (Role.ADMIN,)
