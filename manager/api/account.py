"""The own account: password and second factor."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from foundation.secret import Secret
from manager.access.administrators import Administrator, get_administrator
from manager.access.own_account import (
    account_of,
    change_password,
    confirm_second_factor,
    drop_second_factor,
    offer_second_factor,
)
from manager.access.principal import Principal
from manager.access.requires import requires
from manager.access.role import ANYBODY
from manager.access.second_factors import OwnFactor, own_factor
from manager.services import WithServices

ROUTER = APIRouter(prefix="/api/v1/account", tags=["account"])
Somebody = Annotated[Principal, requires(*ANYBODY)]


class PasswordChange(BaseModel):
    """The password that is, and the one to be."""

    current: Secret
    new: Secret


class Confirmation(BaseModel):
    """The current password, once more."""

    password: Secret


class FactorOffer(BaseModel):
    """What an authenticator program needs, shown this once: base32, its URI, a QR code (SVG)."""

    secret: Secret
    uri: Secret
    qr_svg: Secret


class Code(BaseModel):
    """The six digits that the authenticator shows."""

    code: Secret


class RecoveryCodes(BaseModel):
    """Codes for when the authenticator is lost, shown this once; each lets in once."""

    codes: list[Secret]


@ROUTER.get("")
def own_account(services: WithServices, principal: Somebody) -> Administrator:
    """The own account."""
    return get_administrator(services, account_of(principal))


@ROUTER.post("/password", status_code=204)
def change_own_password(body: PasswordChange, services: WithServices, principal: Somebody) -> None:
    """Change the own password; all other sessions end."""
    change_password(services, principal, body.current, body.new)


@ROUTER.get("/second-factor")
def own_second_factor(services: WithServices, principal: Somebody) -> OwnFactor:
    """How it is with the own second factor, and whether one is required."""
    return own_factor(services, principal)


@ROUTER.post("/second-factor")
def begin_second_factor(
    body: Confirmation, services: WithServices, principal: Somebody
) -> FactorOffer:
    """Begin with a second factor; it counts once its first code was confirmed."""
    offer = offer_second_factor(services, principal, body.password)
    return FactorOffer(secret=offer.secret, uri=offer.uri, qr_svg=offer.qr_svg)


@ROUTER.post("/second-factor/confirm")
def confirm_own_second_factor(
    body: Code, services: WithServices, principal: Somebody
) -> RecoveryCodes:
    """Confirm the first code; from now on one is asked for at each sign-in."""
    return RecoveryCodes(codes=confirm_second_factor(services, principal, body.code))


@ROUTER.post("/second-factor/remove", status_code=204)
def remove_own_second_factor(
    body: Confirmation, services: WithServices, principal: Somebody
) -> None:
    """Do without a second factor again."""
    drop_second_factor(services, principal, body.password)
