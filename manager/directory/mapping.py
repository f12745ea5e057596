"""From groups to a role in the Manager."""

from __future__ import annotations

from collections.abc import Iterable

from manager.directory.distinguished_name import same_name
from manager.directory.port import DirectoryGroup
from manager.directory.settings import RoleMapping, RoleName

# The role that may do most comes first: it is the one that counts.
PRECEDENCE: tuple[RoleName, ...] = ("admin", "operator", "auditor", "read-only")


def role_of(
    groups: Iterable[DirectoryGroup], mappings: Iterable[RoleMapping]
) -> tuple[RoleName, DirectoryGroup] | None:
    """The highest role that ``groups`` give, and by which group; None when they give none."""
    given = list(groups)
    best: tuple[RoleName, DirectoryGroup] | None = None
    for mapping in mappings:
        for group in given:
            if _is_meant(mapping, group) and (
                best is None or PRECEDENCE.index(mapping.role) < PRECEDENCE.index(best[0])
            ):
                best = (mapping.role, group)
    return best


def _is_meant(mapping: RoleMapping, group: DirectoryGroup) -> bool:
    """By the stable id when both are known: a new group of an old name is another group."""
    if mapping.group_id and group.id:
        return mapping.group_id == group.id
    return same_name(mapping.group, group.dn)
