"""Reading and changing settings; what was read is kept in memory until it changes."""

from __future__ import annotations

import logging
import threading
from typing import TypeVar, cast

from pydantic import ValidationError

from manager.access.principal import Principal
from manager.audit.recording import record
from manager.database.engine import after_commit
from manager.finding import area_modules
from manager.preferences.group import PreferenceGroup
from manager.preferences.tables import PreferenceRow
from manager.problems import no_such
from manager.services import Services

log = logging.getLogger("flexvdi.manager.preferences")

Group = TypeVar("Group", bound=PreferenceGroup)


class _Cache:
    """Groups by name; a Manager is one process, so nobody else changes them."""

    def __init__(self, services: Services) -> None:
        self.lock = threading.Lock()
        self.groups: dict[str, PreferenceGroup] = {}


def preference(services: Services, group: type[Group]) -> Group:
    """The settings of ``group`` as they are now."""
    cache = services.part(_Cache)
    with cache.lock:
        if group.NAME in cache.groups:
            return cast("Group", cache.groups[group.NAME])
    with services.database.reading() as session:
        row = session.get(PreferenceRow, group.NAME)
    read = _read(group, row)
    with cache.lock:
        cache.groups[group.NAME] = read
    return read


def change_preference(services: Services, group: PreferenceGroup, principal: Principal) -> None:
    """Keep ``group`` as the settings from now on; audited."""
    with services.database.writing() as session:
        before = preference(services, type(group)).model_dump(mode="json")
        row = session.get(PreferenceRow, group.NAME)
        if row is None:
            row = PreferenceRow(name=group.NAME)
            session.add(row)
        row.value = group.model_dump(mode="json")
        row.changed, row.changed_by = services.clock(), principal.name
        record(
            session,
            principal,
            "settings.change",
            target=f"settings:{group.NAME}",
            data={"before": before, "after": row.value},
            clock=services.clock,
        )
        services.events.publish(
            session,
            "settings.changed",
            f"The settings {group.NAME} were changed by {principal.name}.",
            subject=f"settings:{group.NAME}",
        )
        after_commit(session, lambda: _forget(services, group.NAME))


def all_groups() -> dict[str, type[PreferenceGroup]]:
    """Every group there is, by name."""
    return {group.NAME: group for module in area_modules("preferences") for group in module.GROUPS}


def group_named(name: str) -> type[PreferenceGroup]:
    """The group called ``name``; raises NotFound."""
    groups = all_groups()
    if name not in groups:
        raise no_such("group of settings", name)
    return groups[name]


def _read(group: type[Group], row: PreferenceRow | None) -> Group:
    if row is None:
        return group()
    try:
        return group.model_validate(row.value)
    except ValidationError:
        # Of another version: what is known and valid counts, the rest falls back to defaults.
        log.warning("the settings %s are partly of another version", group.NAME)
        kept = {}
        for name, value in row.value.items():
            try:
                group.model_validate({name: value})
            except ValidationError:
                continue
            kept[name] = value
        return group.model_validate(kept)


def _forget(services: Services, name: str) -> None:
    cache = services.part(_Cache)
    with cache.lock:
        cache.groups.pop(name, None)
