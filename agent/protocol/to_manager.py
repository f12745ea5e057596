"""What an Agent says to the Manager."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from agent.protocol.inventory import GuestFacts, HostFacts
from agent.protocol.message import FailureFacts, Part
from agent.protocol.statistics import GuestLoad, Load


class Hello(Part):
    """The first message. ``protocol`` and ``host_id`` must stay in every version to come.

    ``agent_start`` identifies this run of the Agent, ``boot_id`` the host's boot; ``epoch`` is the
    last one that a Manager gave it, 0 at first.
    """

    kind: Literal["hello"] = "hello"
    protocol: str
    host_id: str
    agent_version: str
    host_name: str
    boot_id: str
    agent_start: str
    epoch: int = 0


class Heartbeat(Part):
    """That the Agent lives; ``at`` is its clock, in seconds since 1970."""

    kind: Literal["heartbeat"] = "heartbeat"
    at: float


class Inventory(Part):
    """Everything, after ``welcome`` or ``resend``: what was known before is replaced.

    ``sequence`` counts inventories and changes of a connection without a gap.
    """

    kind: Literal["inventory"] = "inventory"
    sequence: int
    host: HostFacts
    guests: tuple[GuestFacts, ...] = ()


class Changes(Part):
    """What differs from what was said last; ``gone`` are the UUIDs of guests that are no more."""

    kind: Literal["changes"] = "changes"
    sequence: int
    host: HostFacts | None = None
    guests: tuple[GuestFacts, ...] = ()
    gone: tuple[str, ...] = ()


class Statistics(Part):
    """A sample over ``seconds`` up to ``at``; ``dropped`` samples before it were never sent."""

    kind: Literal["statistics"] = "statistics"
    at: float
    seconds: float
    host: Load
    guests: tuple[GuestLoad, ...] = ()
    dropped: int = 0


class CommandProgress(Part):
    """How far a command is: ``fraction`` 0 to 1, None where that cannot be told."""

    kind: Literal["command-progress"] = "command-progress"
    id: str
    text: str
    fraction: float | None = None


class CommandResult(Part):
    """How a command ended. It is said again after each ``welcome`` until it is acknowledged.

    ``refused`` was not begun; ``interrupted`` was under way when the Agent died, and nobody knows
    how far it came.
    """

    kind: Literal["command-result"] = "command-result"
    id: str
    state: Literal["done", "failed", "cancelled", "refused", "interrupted"]
    value: dict[str, Any] = Field(default_factory=dict)
    failure: FailureFacts | None = None


class CertificateRequest(Part):
    """The Agent's certificate is to be renewed: a signing request (PEM) with a new key."""

    kind: Literal["certificate-request"] = "certificate-request"
    request: str


class Leaving(Part):
    """The host leaves the platform, or its Agent is told to stop (``for_good`` False)."""

    kind: Literal["leaving"] = "leaving"
    for_good: bool = False
    reason: str = ""


ToManager = Annotated[
    Hello
    | Heartbeat
    | Inventory
    | Changes
    | Statistics
    | CommandProgress
    | CommandResult
    | CertificateRequest
    | Leaving,
    Field(discriminator="kind"),
]
