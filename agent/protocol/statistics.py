"""How busy a host and its guests are: rates since the previous sample."""

from __future__ import annotations

from agent.protocol.message import Part


class Load(Part):
    """``cpu`` is the part in use, 0 to 1 of all processors (of a guest: of its virtual ones).

    ``memory`` is in bytes in use; the others are bytes per second: received and sent over the
    network, read from and written to disks.
    """

    cpu: float = 0.0
    memory: int = 0
    received: int = 0
    sent: int = 0
    read: int = 0
    written: int = 0


class GuestLoad(Load):
    """The load of the guest ``uuid``."""

    uuid: str
