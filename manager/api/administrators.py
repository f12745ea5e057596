"""Administrators of the Manager's own; only those with the role admin may see or change them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from foundation.secret import Secret
from manager.access.administrators import (
    Administrator,
    change_administrator,
    create_administrator,
    find_administrators,
    get_administrator,
    remove_administrator,
    remove_second_factor,
    reset_password,
)
from manager.access.principal import Principal
from manager.access.requires import requires
from manager.access.role import ADMINISTRATORS, AUDITORS, Role
from manager.database.paging import DEFAULT_PAGE, After, Page, PageSize
from manager.services import WithServices

ROUTER = APIRouter(prefix="/api/v1/administrators", tags=["administrators"])
Admin = Annotated[Principal, requires(*ADMINISTRATORS)]
Looker = Annotated[Principal, requires(*AUDITORS)]


class NewAdministrator(BaseModel):
    """A new administrator, who changes the password at the first sign-in unless told otherwise."""

    name: str = Field(max_length=64)
    full_name: str = Field("", max_length=200)
    role: Role
    password: Secret
    must_change_password: bool = True


class AdministratorChange(BaseModel):
    """What is to change; what is missing stays."""

    full_name: str | None = Field(None, max_length=200)
    role: Role | None = None
    disabled: bool | None = None


class NewPassword(BaseModel):
    """A password that somebody else sets; it must be changed at the next sign-in."""

    password: Secret


@ROUTER.get("")
def list_administrators(
    services: WithServices, principal: Looker, size: PageSize = DEFAULT_PAGE, after: After = None
) -> Page[Administrator]:
    """A page of administrators, by name."""
    return find_administrators(services, size=size, after=after)


@ROUTER.post("", status_code=201)
def add_an_administrator(
    body: NewAdministrator, services: WithServices, principal: Admin
) -> Administrator:
    """Create an administrator."""
    return create_administrator(
        services,
        principal,
        body.name,
        body.full_name,
        body.role,
        body.password,
        must_change=body.must_change_password,
    )


@ROUTER.get("/{administrator}")
def get_an_administrator(
    administrator: str, services: WithServices, principal: Looker
) -> Administrator:
    """One administrator."""
    return get_administrator(services, administrator)


@ROUTER.patch("/{administrator}")
def change_an_administrator(
    administrator: str, body: AdministratorChange, services: WithServices, principal: Admin
) -> Administrator:
    """Change name, role or whether it is disabled; the last admin stays one."""
    return change_administrator(
        services,
        principal,
        administrator,
        full_name=body.full_name,
        role=body.role,
        disabled=body.disabled,
    )


@ROUTER.delete("/{administrator}", status_code=204)
def remove_an_administrator(administrator: str, services: WithServices, principal: Admin) -> None:
    """Remove an administrator with sessions and tokens."""
    remove_administrator(services, principal, administrator)


@ROUTER.post("/{administrator}/password", status_code=204)
def reset_a_password(
    administrator: str, body: NewPassword, services: WithServices, principal: Admin
) -> None:
    """Set somebody's password; their sessions end, and they must change it."""
    reset_password(services, principal, administrator, body.password)


@ROUTER.post("/{administrator}/second-factor/remove", status_code=204)
def remove_a_second_factor(administrator: str, services: WithServices, principal: Admin) -> None:
    """Take the second factor off somebody who lost it."""
    remove_second_factor(services, principal, administrator)
