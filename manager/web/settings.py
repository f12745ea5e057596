"""Settings of the platform: a form for each group, made from the group's own model."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_origin

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic.fields import FieldInfo

from foundation.failure import Failure
from manager.access.role import ADMINISTRATORS
from manager.preferences.group import PreferenceGroup
from manager.preferences.storing import (
    all_groups,
    change_preference,
    group_named,
    preference,
)
from manager.problems import Invalid
from manager.web.drawing.forms import Form, Typed, made
from manager.web.drawing.page import draw, says, see
from manager.web.drawing.visit import Visit, visiting

ROUTER = APIRouter(include_in_schema=False)
Kind = Literal["yes", "number", "lines", "text"]
says(settings_saved="The settings are saved, and in force.")


@dataclass(frozen=True)
class Setting:
    """One field; ``key`` is unique on the page, ``least`` and ``most`` are for numbers."""

    key: str
    name: str
    title: str
    help: str
    kind: Kind
    least: str = ""
    most: str = ""


@dataclass(frozen=True)
class GroupForm:
    """A group as it is drawn: what is in force, or what was typed."""

    name: str
    title: str
    about: str
    settings: tuple[Setting, ...]
    values: Typed
    failure: Failure | None = None


@ROUTER.get("/settings")
def settings(request: Request, visit: Annotated[Visit, visiting(*ADMINISTRATORS)]) -> Response:
    """All groups."""
    return _page(request, visit)


@ROUTER.post("/settings/{group}")
def change(
    request: Request, group: str, form: Form, visit: Annotated[Visit, visiting(*ADMINISTRATORS)]
) -> Response:
    """Keep what was typed for one group."""
    model = group_named(group)
    try:
        change_preference(visit.services, _read(model, form), visit.principal)
    except Failure as failure:
        return _page(request, visit, _form(model, form, failure))
    return see("/settings", "settings-saved")


def _page(request: Request, visit: Visit, wrong: GroupForm | None = None) -> Response:
    forms = [
        wrong
        if wrong is not None and wrong.name == model.NAME
        else _form(model, _typed(preference(visit.services, model)))
        for model in all_groups().values()
    ]
    return draw(
        request,
        "settings.html",
        visit,
        here="/settings",
        forms=forms,
        failure=wrong.failure if wrong is not None else None,
    )


def _form(model: type[PreferenceGroup], values: Typed, failure: Failure | None = None) -> GroupForm:
    return GroupForm(
        model.NAME,
        model.NAME.replace("-", " ").replace("_", " ").capitalize(),
        (inspect.getdoc(model) or "").partition("\n")[0],
        tuple(_setting(model.NAME, name, field) for name, field in model.model_fields.items()),
        values,
        failure,
    )


def _setting(group: str, name: str, field: FieldInfo) -> Setting:
    limits = {
        limit: str(getattr(rule, limit))
        for rule in field.metadata
        for limit in ("ge", "le")
        if hasattr(rule, limit)
    }
    return Setting(
        f"{group}-{name}",
        name,
        name.replace("_", " ").capitalize(),
        field.description or "",
        _kind(field.annotation),
        limits.get("ge", ""),
        limits.get("le", ""),
    )


def _kind(annotation: Any) -> Kind:
    if annotation is bool:
        return "yes"
    if annotation is int:
        return "number"
    return "lines" if get_origin(annotation) in (tuple, list) else "text"


def _typed(group: PreferenceGroup) -> Typed:
    texts: dict[str, list[str]] = {}
    for name, value in group:
        if isinstance(value, tuple | list):
            texts[f"{group.NAME}-{name}"] = ["\n".join(str(each) for each in value)]
        elif not isinstance(value, bool) or value:
            texts[f"{group.NAME}-{name}"] = ["" if value is None else str(value)]
    return Typed(texts)


def _read(model: type[PreferenceGroup], form: Typed) -> PreferenceGroup:
    """The group as typed; raises Invalid, ``where`` being the field's key."""
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        key, kind = f"{model.NAME}-{name}", _kind(field.annotation)
        if kind == "yes":
            found[name] = key in form
        elif kind == "lines":
            found[name] = form.lines(key)
        elif form[key] or kind == "number":
            found[name] = form[key]
    try:
        return made(model, **found)
    except Invalid as invalid:
        invalid.where = f"{model.NAME}-{invalid.where}"
        raise
