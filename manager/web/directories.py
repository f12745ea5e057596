"""Directories: the list in the order they are asked, settings with a test, role mapping."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from foundation.failure import Failure
from manager.access.role import ADMINISTRATORS, Role
from manager.api import directories as api
from manager.directory.presets import PRESETS
from manager.directory.settings import DirectorySettings, RoleMapping
from manager.directory.storing import StoredDirectory, all_directories, directory_with_id
from manager.web.drawing.forms import Form, Typed, made, typed
from manager.web.drawing.page import draw, says, see
from manager.web.drawing.visit import Visit, visiting

ROUTER = APIRouter(include_in_schema=False)
_ROLES = tuple(sorted(Role, key=lambda role: -role.strength))
_PLAIN = (
    "name",
    "kind",
    "security",
    "ca",
    "bind_user",
    "base",
    "user_attribute",
    "user_filter",
    "group_base",
    "group_method",
)
says(
    directory_added="The directory is kept. People in the groups below can sign in with it.",
    directory_changed="The directory’s settings are saved.",
    directory_removed="The directory was removed, and its people are signed out.",
    directories_ordered="The directories are asked in this order from now on.",
)


@ROUTER.get("/directories")
def directories(request: Request, visit: Annotated[Visit, visiting(*ADMINISTRATORS)]) -> Response:
    """All of them."""
    return _list(request, visit)


@ROUTER.get("/directories/new")
def new(request: Request, visit: Annotated[Visit, visiting(*ADMINISTRATORS)]) -> Response:
    """An empty form."""
    return _form(request, visit, typed(kind="active-directory", security="ldaps", enabled="yes"))


@ROUTER.post("/directories/new")
def create(
    request: Request, form: Form, visit: Annotated[Visit, visiting(*ADMINISTRATORS)]
) -> Response:
    """Keep a new one."""
    try:
        body = made(
            api.NewDirectory,
            settings=_settings(form),
            bind_password=form.secret("bind_password") or None,
        )
        kept = api.create_directory(body, visit.services, visit.principal)
    except Failure as failure:
        return _form(request, visit, form, failure=failure)
    return see(f"/directories/{kept.id}", "directory-added")


@ROUTER.post("/directories/test")
def test(
    request: Request, form: Form, visit: Annotated[Visit, visiting(*ADMINISTRATORS)]
) -> Response:
    """Try what was typed without keeping it."""
    stored: StoredDirectory | None = None
    try:
        if form["directory"]:
            stored = directory_with_id(visit.services, form["directory"])
        body = made(
            api.DirectoryTrial,
            settings=_settings(form),
            bind_password=form.secret("bind_password") or None,
            directory=form["directory"] or None,
            sample_user=form["sample_user"],
            sample_password=form.secret("sample_password") or None,
        )
        result = api.test_directory_settings(body, visit.services, visit.principal)
    except Failure as failure:
        return _form(request, visit, form, stored, failure=failure, tested=True)
    return _form(request, visit, form, stored, result=result)


@ROUTER.post("/directories/order")
def order(
    request: Request, form: Form, visit: Annotated[Visit, visiting(*ADMINISTRATORS)]
) -> Response:
    """Ask one of them earlier."""
    known = [stored.id for stored in all_directories(visit.services)]
    try:
        place = known.index(form["earlier"]) if form["earlier"] in known else 0
        if place:
            known[place - 1], known[place] = known[place], known[place - 1]
        api.order_all_directories(api.Order(order=known), visit.services, visit.principal)
    except Failure as failure:
        return _list(request, visit, failure)
    return see("/directories", "directories-ordered")


@ROUTER.get("/directories/{directory}")
def directory(
    request: Request, directory: str, visit: Annotated[Visit, visiting(*ADMINISTRATORS)]
) -> Response:
    """The settings of one."""
    stored = directory_with_id(visit.services, directory)
    return _form(request, visit, _typed(stored), stored)


@ROUTER.post("/directories/{directory}")
def change(
    request: Request,
    directory: str,
    form: Form,
    visit: Annotated[Visit, visiting(*ADMINISTRATORS)],
) -> Response:
    """Keep other settings."""
    stored = directory_with_id(visit.services, directory)
    try:
        body = made(
            api.ChangedDirectory,
            settings=_settings(form),
            bind_password=form.secret("bind_password") or None,
            version=form["version"],
        )
        api.replace_directory(directory, body, visit.services, visit.principal)
    except Failure as failure:
        return _form(request, visit, form, stored, failure=failure)
    return see(f"/directories/{directory}", "directory-changed")


@ROUTER.post("/directories/{directory}/remove")
def remove(
    request: Request, directory: str, visit: Annotated[Visit, visiting(*ADMINISTRATORS)]
) -> Response:
    """Forget it."""
    try:
        api.delete_directory(directory, visit.services, visit.principal)
    except Failure as failure:
        return _list(request, visit, failure)
    return see("/directories", "directory-removed")


def _list(request: Request, visit: Visit, failure: Failure | None = None) -> Response:
    return draw(
        request,
        "directories.html",
        visit,
        here="/directories",
        failure=failure,
        directories=api.list_directories(visit.services, visit.principal),
        kinds={kind: preset.title for kind, preset in PRESETS.items()},
    )


def _form(
    request: Request,
    visit: Visit,
    form: Typed,
    stored: StoredDirectory | None = None,
    *,
    failure: Failure | None = None,
    result: api.DirectoryTest | None = None,
    tested: bool = False,
) -> Response:
    return draw(
        request,
        "directory.html",
        visit,
        here="/directories",
        failure=failure,
        stored=stored,
        typed=form,
        result=result,
        tested=tested,
        kinds=[(kind, preset.title) for kind, preset in PRESETS.items()],
        roles=_ROLES,
    )


def _settings(form: Typed) -> dict[str, Any]:
    """The settings as typed; raises Invalid, whose ``where`` is the field."""
    settings = made(
        DirectorySettings,
        **{name: form[name] for name in _PLAIN},
        servers=form.lines("servers"),
        roles=[
            made(RoleMapping, group=group, role=role.value).model_dump()
            for role in _ROLES
            for group in form.lines(f"groups-{role.value}")
        ],
        enabled="enabled" in form,
    )
    return settings.model_dump()


def _typed(stored: StoredDirectory) -> Typed:
    settings = stored.settings
    texts = {name: [str(getattr(settings, name))] for name in _PLAIN}
    texts["servers"] = ["\n".join(settings.servers)]
    texts["version"] = [str(stored.version)]
    if settings.enabled:
        texts["enabled"] = ["yes"]
    for role in _ROLES:
        groups = [each.group for each in settings.roles if each.role == role.value]
        texts[f"groups-{role.value}"] = ["\n".join(groups)]
    return Typed(texts)
