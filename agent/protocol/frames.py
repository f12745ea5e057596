"""Messages as they go over the wire: one JSON object in one WebSocket text frame."""

from __future__ import annotations

import json
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from agent.protocol.to_agent import ToAgent
from agent.protocol.to_manager import ToManager
from foundation.failure import Failure

SUBPROTOCOL = "flexvdi-agent"
# What a side reads at most, in bytes; a frame that is larger ends the connection. An inventory of
# a thousand guests is about 200 KiB.
MOST_TO_MANAGER = 4 * 1024 * 1024
MOST_TO_AGENT = 512 * 1024

_TO_MANAGER: TypeAdapter[ToManager] = TypeAdapter(ToManager)
_TO_AGENT: TypeAdapter[ToAgent] = TypeAdapter(ToAgent)
Message = TypeVar("Message")
_NOT_KNOWN = "union_tag_invalid"


class UnreadableFrame(Failure):
    """A frame that holds no message; its sender is at fault, and the connection ends."""


def encode(message: BaseModel) -> str:
    """The frame of ``message``; keys at their defaults are left out."""
    kind = {"kind": message.kind} if hasattr(message, "kind") else {}
    values = message.model_dump(mode="json", exclude_defaults=True)
    return json.dumps({**kind, **values}, ensure_ascii=False, separators=(",", ":"))


def read_from_agent(frame: str | bytes) -> ToManager | None:
    """The message in ``frame``; None for a kind that a newer Agent knows and this Manager not.

    Raises UnreadableFrame.
    """
    return _read(_TO_MANAGER, frame, MOST_TO_MANAGER)


def read_from_manager(frame: str | bytes) -> ToAgent | None:
    """The message in ``frame``; None for a kind that a newer Manager knows and this Agent not.

    Raises UnreadableFrame.
    """
    return _read(_TO_AGENT, frame, MOST_TO_AGENT)


def _read(adapter: TypeAdapter[Message], frame: str | bytes, most: int) -> Message | None:
    if len(frame) > most:
        raise UnreadableFrame(f"A message of {len(frame)} bytes is larger than {most}.")
    try:
        return adapter.validate_json(frame)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if first["type"] == _NOT_KNOWN:
            return None
        where = ".".join(str(part) for part in first["loc"])
        raise UnreadableFrame(f"A message cannot be read: {first['msg']}.", where=where) from error
