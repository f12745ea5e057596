"""Settings: in groups, each with defaults; unknown names are refused."""

from __future__ import annotations

import functools
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ValidationError

from manager.access.principal import Principal
from manager.access.requires import requires
from manager.access.role import ADMINISTRATORS, ANYBODY
from manager.preferences.group import PreferenceGroup
from manager.preferences.storing import (
    all_groups,
    change_preference,
    group_named,
    preference,
)
from manager.problems import Invalid
from manager.services import Services, WithServices

ROUTER = APIRouter(prefix="/api/v1/settings", tags=["settings"])


class SettingsGroup(BaseModel):
    """A group's values as they are now, its defaults, and the JSON Schema of both."""

    name: str
    description: str
    values: dict[str, Any]
    defaults: dict[str, Any]
    form: dict[str, Any]


class SettingsList(BaseModel):
    """All groups."""

    items: list[SettingsGroup]


@ROUTER.get("")
def list_settings(
    services: WithServices, principal: Annotated[Principal, requires(*ANYBODY)]
) -> SettingsList:
    """All settings."""
    return SettingsList(items=[shown(services, name) for name in sorted(all_groups())])


@ROUTER.get("/{group}")
def get_settings(
    group: str, services: WithServices, principal: Annotated[Principal, requires(*ANYBODY)]
) -> SettingsGroup:
    """The settings of one group."""
    return shown(services, group)


@ROUTER.patch("/{group}")
def change_settings(
    group: str,
    values: dict[str, Any],
    services: WithServices,
    principal: Annotated[Principal, requires(*ADMINISTRATORS)],
) -> SettingsGroup:
    """Change some values of a group; what is missing stays."""
    change_values(services, principal, group, values)
    return shown(services, group)


def change_values(
    services: Services, principal: Principal, name: str, values: dict[str, Any]
) -> None:
    """Change some values of the group ``name``; raises NotFound, Invalid."""
    kind = group_named(name)
    before = preference(services, kind)
    try:
        changed = kind.model_validate({**before.model_dump(mode="json"), **values})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(place) for place in first["loc"])
        raise Invalid(
            f"{where}: {first['msg'].removeprefix('Value error, ')}.",
            "GET this group to see what may be set.",
            where=where,
        ) from error
    if changed != before:
        change_preference(services, changed, principal)


def shown(services: Services, name: str) -> SettingsGroup:
    """The group ``name``; raises NotFound."""
    kind = group_named(name)
    return SettingsGroup(
        name=name,
        description=(kind.__doc__ or "").strip(),
        values=preference(services, kind).model_dump(mode="json"),
        defaults=kind().model_dump(mode="json"),
        form=_form(kind),
    )


@functools.cache
def _form(kind: type[PreferenceGroup]) -> dict[str, Any]:
    """The JSON Schema of a group, which is the same for as long as the program runs."""
    return kind.model_json_schema()
