"""What a host can be told to do: the verbs of ``command``, and the arguments of each.

A verb that acts on the host itself acts through HostApi, one on a guest through libvirt. Whatever
takes longer than a moment says its progress. Carrying a command out twice is the same as once:
its ``id`` is remembered with its result.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, ValidationError

from agent.protocol.message import Part
from foundation.failure import Failure


class NoArguments(Part):
    """For verbs that say everything."""


class Because(Part):
    """Why, in a person's words."""

    reason: Annotated[str, Field(min_length=1, max_length=200)]


class Power(Because):
    """``with_guests`` says that running guests do not keep the host up."""

    with_guests: bool = False


class OneGuest(Part):
    """A guest, by its UUID."""

    uuid: str


class NewBridge(Part):
    """A bridge called ``name`` on ``port``; without one it only connects guests of this host."""

    name: Annotated[str, Field(pattern=r"^[^\s/:%]{1,15}$")]
    port: str | None = None


ARGUMENTS: dict[str, type[Part]] = {
    "maintenance.enter": Because,
    "maintenance.leave": NoArguments,
    "power.reboot": Power,
    "power.off": Power,
    "guest.start": OneGuest,
    "guest.shut-down": OneGuest,
    "guest.force-off": OneGuest,
    "bridge.create": NewBridge,
    "diagnose": NoArguments,
}


def read_arguments(verb: str, arguments: dict[str, Any]) -> Part:
    """``arguments`` as the model of ``verb``; raises Failure when they or it do not fit."""
    if verb not in ARGUMENTS:
        raise Failure(
            f"This host knows no command “{verb[:40]}”.",
            "Upgrade the host to the Manager's version.",
        )
    try:
        return ARGUMENTS[verb].model_validate(arguments)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise Failure(
            f"The command {verb} does not fit: {first['msg']}.",
            where=".".join(str(part) for part in first["loc"]),
        ) from error
