"""What the platform expects of its hosts."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from foundation.failure import Failure
from foundation.joining import check_manager_address
from manager.preferences.group import PreferenceGroup


def _check_name(text: str) -> str:
    try:
        address, _port = check_manager_address(text)
    except Failure as failure:
        raise ValueError(failure.cause) from failure
    if address != text.strip().strip("[]"):
        raise ValueError(f"“{text}” names a port: hosts dial the Manager's own ports")
    return address


ManagerName = Annotated[str, Field(max_length=253), AfterValidator(_check_name)]
BridgeName = Annotated[str, Field(pattern=r"^[^\s/:%]{1,15}$")]


class HostPreferences(PreferenceGroup):
    """What the platform expects of its hosts, and where they find the Manager."""

    NAME: ClassVar[str] = "hosts"

    bridges: Annotated[tuple[BridgeName, ...], Field(max_length=64)] = Field(
        (), description="Bridges that every host is to have, by name."
    )
    silence: int = Field(
        60,
        ge=20,
        le=3600,
        description="Seconds that an Agent may be silent before its host is unavailable.",
    )
    addresses: Annotated[tuple[ManagerName, ...], Field(max_length=8)] = Field(
        (),
        description="Where hosts reach the Manager, best first. Empty: the names that it was "
        "started with, and its own addresses. Before it moves, write the new address here too.",
    )


GROUPS = (HostPreferences,)
