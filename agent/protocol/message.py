"""What all messages share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of a message: immutable. Unknown keys are passed over.

    Within a major version either side may be the newer one and say more than the other knows
    (agent.protocol.version).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")


class FailureFacts(Part):
    """A foundation.failure.Failure on its way: what a person must be told."""

    cause: str
    remedy: str = ""
    where: str = ""
    details: str = ""
