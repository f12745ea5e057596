"""A machine as an iSCSI initiator: open-iscsi's records and sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from host.document.storage import Chap
from host.storage_values import DiscoveredTarget, ISCSISession

DEFAULT_INTERFACE = "default"
"""open-iscsi's name for going where the routes lead."""


@dataclass(frozen=True, order=True)
class NodeAddress:
    """One way to a target: through a portal, from an open-iscsi interface."""

    target: str
    portal: str
    interface: str = DEFAULT_INTERFACE


@dataclass(frozen=True)
class NodeRecord:
    """What is kept of one way to a target: open-iscsi's settings that the document decides.

    ``settings`` hold CHAP secrets, so they are in no representation. ``portal_group`` is the tag
    that the target gives to the portal's group (RFC 3720, 3.4.1), None while it is not known: where
    open-iscsi keeps the record depends on it, not what the record says.
    """

    address: NodeAddress
    settings: Mapping[str, str] = field(repr=False)
    portal_group: int | None = field(default=None, compare=False)


class ISCSIDaemon(Protocol):
    """iscsid, its record files, and the kernel's sessions."""

    def records(self) -> tuple[NodeAddress, ...]:
        """All ways to targets that are on record."""

    def record(self, address: NodeAddress) -> NodeRecord | None:
        """A record; None when there is none."""

    def put_record(self, record: NodeRecord) -> None:
        """Make or change a record; secrets go to its file, readable by root only.

        Records from other interfaces to the same portal stay. The first of them needs no more than
        its settings; the others need a session of the first, or the portal's answer, to make.
        """

    def remove_record(self, address: NodeAddress) -> None:
        """Forget a way; nothing happens when it is not known."""

    def put_interface(self, name: str, network_interface: str) -> None:
        """Have an open-iscsi interface that is bound to a network interface."""

    def restart(self) -> None:
        """Have iscsid read its own name again; sessions stay."""

    def sessions(self) -> tuple[ISCSISession, ...]:
        """Open sessions, those that are trying to come back included."""

    def login(self, address: NodeAddress) -> None:
        """Open a session; returns at once when there is one. Raises Failure with its cause."""

    def logout(self, address: NodeAddress) -> None:
        """End a session; nothing happens when there is none."""

    def discover(self, portal: str, chap: Chap | None) -> tuple[DiscoveredTarget, ...]:
        """Ask a portal for its targets."""

    def rescan(self) -> int:
        """Have every session look again for disks; how many did."""
