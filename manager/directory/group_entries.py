"""Groups for the settings: one by its name, and those that a text is found in, to choose from."""

from __future__ import annotations

from manager.directory.filters import all_of, any_of, contains
from manager.directory.groups import base_of_groups, group_attributes, group_from
from manager.directory.link import Link
from manager.directory.port import DirectoryGroup
from manager.directory.presets import Preset
from manager.directory.refusals import Unavailable
from manager.directory.settings import DirectorySettings

MOST_SHOWN = 100


def find_group(link: Link, dn: str, preset: Preset) -> DirectoryGroup | None:
    """The group of that distinguished name; None when there is none."""
    try:
        for entry in link.search(dn, preset.group_filter, group_attributes(preset), scope="BASE"):
            return group_from(entry, preset)
    except Unavailable as failure:
        if failure.retry:
            raise
    return None


def groups_like(
    link: Link, text: str, settings: DirectorySettings, preset: Preset
) -> list[DirectoryGroup]:
    """The first groups with ``text`` in their name or description."""
    wanted = preset.group_filter
    if text.strip():
        either = any_of(contains(name, text.strip()) for name in ("cn", "description"))
        wanted = all_of(preset.group_filter, either)
    found = link.search(base_of_groups(settings), wanted, group_attributes(preset), most=MOST_SHOWN)
    return sorted(
        (group_from(entry, preset) for entry in found), key=lambda group: group.name.casefold()
    )
