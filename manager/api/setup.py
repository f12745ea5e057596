"""The first start: creating the first administrator."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from foundation.secret import Secret
from manager.access.administrators import Administrator
from manager.access.requires import address_of
from manager.access.setting_up import set_up
from manager.services import WithServices

ROUTER = APIRouter(prefix="/api/v1/setup", tags=["setup"])


class Setup(BaseModel):
    """The setup secret, and who is to be the first administrator."""

    secret: Secret = Field(description="Printed by `serve`, or given by the deployment.")
    name: str = Field(max_length=64)
    full_name: str = Field("", max_length=200)
    password: Secret


@ROUTER.post("", status_code=201)
def set_up_manager(body: Setup, request: Request, services: WithServices) -> Administrator:
    """Create the first administrator; possible once."""
    return set_up(
        services, body.secret, body.name, body.full_name, body.password, address_of(request)
    )
