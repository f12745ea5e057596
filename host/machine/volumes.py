"""Logical volumes of a machine, and the filesystems on them."""

from __future__ import annotations

from typing import Protocol

from host.storage_values import GroupStatus


class Volumes(Protocol):
    """LVM, mkfs and the tools that grow filesystems. Devices are given by path; sizes are bytes."""

    def groups(self) -> tuple[GroupStatus, ...]:
        """Volume groups with their volumes."""

    def create_group(self, name: str, disks: tuple[str, ...]) -> None:
        """Make a group of empty disks."""

    def extend_group(self, name: str, disks: tuple[str, ...]) -> None:
        """Add empty disks to a group."""

    def remove_group(self, name: str) -> None:
        """Remove a group and the signatures on its disks."""

    def create(self, group: str, name: str, size: int | None) -> None:
        """Make a volume; None is all that is free. Old signatures in its space are wiped."""

    def extend(self, group: str, name: str, size: int | None) -> None:
        """Grow a volume, and the filesystem on it."""

    def reopen(self, group: str, name: str) -> None:
        """Close a volume and open it on the disks that are there; Failure while it is in use."""

    def remove(self, group: str, name: str) -> None:
        """Destroy a volume."""

    def format(self, group: str, name: str, filesystem: str) -> None:
        """Make a filesystem on a volume that has none; raises Failure when it has one."""
