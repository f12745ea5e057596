"""What the Manager says to an Agent."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from agent.protocol.message import Part


class Welcome(Part):
    """The Agent is who it says, and both understand each other in ``protocol``.

    ``epoch`` grows with each connection of a host: a command of an older one is refused, so that
    what a replaced Manager or connection still sends does nothing. Intervals are in seconds.
    """

    kind: Literal["welcome"] = "welcome"
    protocol: str
    manager_version: str
    epoch: int
    heartbeat_interval: float = 10.0
    changes_interval: float = 5.0
    statistics_interval: float = 10.0


RefusalCode = Literal["incompatible", "unknown-host", "revoked", "wrong-host", "busy"]


class Refused(Part):
    """The Manager does not talk to this Agent. ``code``, for the Agent, and words for people.

    Only ``busy`` is worth trying again soon; with the others somebody has to do something.
    """

    kind: Literal["refused"] = "refused"
    code: RefusalCode
    cause: str
    remedy: str = ""


class Command(Part):
    """Do ``verb`` (agent.protocol.commands), once, whatever happens to connections meanwhile.

    ``timeout`` in seconds is what it may take from when it is begun. A verb that the Agent does not
    know is answered by a result: the Manager may be newer.
    """

    kind: Literal["command"] = "command"
    id: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
    epoch: int
    verb: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    who: str = "the Manager"
    timeout: float = 300.0


class CancelCommand(Part):
    """Stop the command ``id`` if it can still be stopped; its result tells how it ended."""

    kind: Literal["cancel-command"] = "cancel-command"
    id: str


class ResultKept(Part):
    """The Manager has the result of ``id`` on disk: it need not be said again."""

    kind: Literal["result-kept"] = "result-kept"
    id: str


class Resend(Part):
    """The Manager missed something: send a whole inventory."""

    kind: Literal["resend"] = "resend"


class RenewCertificate(Part):
    """Ask for a new certificate now, whatever the old one's age."""

    kind: Literal["renew-certificate"] = "renew-certificate"


class NewCertificate(Part):
    """The answer to ``certificate-request``: certificate and CA in PEM form."""

    kind: Literal["new-certificate"] = "new-certificate"
    certificate: str
    ca: str


class Removed(Part):
    """The host is no longer part of the platform; its guests go on as they are."""

    kind: Literal["removed"] = "removed"
    reason: str


class Place(Part):
    """A name or address of the Manager, with the ports of HTTPS and of the Agents."""

    address: Annotated[str, Field(min_length=1, max_length=253)]
    port: Annotated[int, Field(ge=1, le=65535)]
    agents_port: Annotated[int, Field(ge=1, le=65535)]


class ManagerPlaces(Part):
    """Where the Manager is reached, best first; since 1.1, after ``welcome`` and when it changes.

    The Agent keeps them, and what it knew before behind them. It changes which one it dials first
    only when the present one is not among them, and then to one where this platform's CA proves
    that it is the Manager.
    """

    kind: Literal["manager-places"] = "manager-places"
    places: Annotated[tuple[Place, ...], Field(max_length=16)]


ToAgent = Annotated[
    Welcome
    | Refused
    | Command
    | CancelCommand
    | ResultKept
    | Resend
    | RenewCertificate
    | NewCertificate
    | Removed
    | ManagerPlaces,
    Field(discriminator="kind"),
]
