"""The groups of a person, through any depth of nesting.

Four ways, of which each kind of directory has its own:

- ``token-groups``: Active Directory has computed the SIDs of all security groups already
  (MS-ADTS 3.1.1.4.5.19), the primary group among them; one or a few searches give them names.
- ``matching-rule``: Active Directory walks the chain itself (``LDAP_MATCHING_RULE_IN_CHAIN``,
  MS-ADTS 3.1.1.3.4.4.3), distribution groups included.
- ``member-of``: entries name the groups they are in; a plug-in of the server maintains that.
- ``walk``: groups name their members. Level by level the groups of the groups are searched.

Whatever the way, a group is looked at once, so that groups that contain each other end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from uuid import UUID

from ldap3.utils.conv import escape_bytes

from manager.directory.distinguished_name import first_value, is_below
from manager.directory.filters import all_of, any_of, equals
from manager.directory.link import Entry, Link
from manager.directory.port import DirectoryGroup
from manager.directory.presets import Preset
from manager.directory.refusals import Unavailable
from manager.directory.settings import DirectorySettings, GroupMethod

MOST_GROUPS = 5000
_TOGETHER = 50  # filters within one search
_IN_CHAIN = "1.2.840.113556.1.4.1941"

USER_ATTRIBUTES = ("uid", "gidNumber", "primaryGroupID", "objectSid", "memberOf")


def groups_of_entry(
    link: Link, user: Entry, settings: DirectorySettings, preset: Preset
) -> tuple[DirectoryGroup, ...]:
    """Every group that ``user`` is in, by name; at most ``MOST_GROUPS``, else Unavailable."""
    found: dict[str, DirectoryGroup] = {}
    for group in _WAYS[preset.group_method](link, user, settings, preset):
        found[group.dn.casefold() or group.name] = group
        if len(found) > MOST_GROUPS:
            raise Unavailable(
                f"“{user.dn}” is in more than {MOST_GROUPS} groups.",
                "Narrow the base of the groups in the directory's settings.",
                where=link.where,
                retry=False,
            )
    return tuple(sorted(found.values(), key=lambda group: group.name.casefold()))


def identity_of(entry: Entry, preset: Preset) -> str:
    """The stable id of an entry; empty when it has none that may be read."""
    for value in entry.values(preset.id_attribute):
        if preset.id_form == "guid":
            return str(UUID(bytes_le=bytes(value))) if len(value) == 16 else ""
        return value.decode(errors="replace")
    return ""


def group_attributes(preset: Preset) -> tuple[str, ...]:
    """What is read of a group's entry."""
    return ("cn", preset.id_attribute, "memberOf")


def group_from(entry: Entry, preset: Preset) -> DirectoryGroup:
    """A group from its entry."""
    return DirectoryGroup(
        identity_of(entry, preset), entry.text("cn") or first_value(entry.dn), entry.dn
    )


def base_of_groups(settings: DirectorySettings) -> str:
    """Below where groups are looked for."""
    return settings.group_base or settings.base


def _by_token(
    link: Link, user: Entry, settings: DirectorySettings, preset: Preset
) -> Iterator[DirectoryGroup]:
    tokens = link.read(user.dn, ["tokenGroups"]).values("tokenGroups")
    if not tokens:
        # Its account may not read them (Windows Authorization Access Group).
        yield from _by_rule(link, user, settings, preset)
        return
    filters = [f"(objectSid={escape_bytes(sid)})" for sid in tokens]
    for entry in _search(link, filters, settings, preset):
        yield group_from(entry, preset)


def _by_rule(
    link: Link, user: Entry, settings: DirectorySettings, preset: Preset
) -> Iterator[DirectoryGroup]:
    start = [equals(f"member:{_IN_CHAIN}:", user.dn)]
    primary = _primary_group_sid(user)
    for entry in _search(
        link, [f"(objectSid={escape_bytes(primary)})"] if primary else [], settings, preset
    ):
        start.append(equals(f"member:{_IN_CHAIN}:", entry.dn))
        yield group_from(entry, preset)
    for entry in _search(link, start, settings, preset):
        yield group_from(entry, preset)


def _by_member_of(
    link: Link, user: Entry, settings: DirectorySettings, preset: Preset
) -> Iterator[DirectoryGroup]:
    seen: set[str] = set()
    frontier = user.texts("memberOf")
    while frontier:
        following: list[str] = []
        for dn in frontier:
            if dn.casefold() in seen or not is_below(dn, base_of_groups(settings)):
                continue
            seen.add(dn.casefold())
            for entry in link.search(
                dn, preset.group_filter, group_attributes(preset), scope="BASE"
            ):
                yield group_from(entry, preset)
                following += entry.texts("memberOf")
        frontier = following


def _by_walking(
    link: Link, user: Entry, settings: DirectorySettings, preset: Preset
) -> Iterator[DirectoryGroup]:
    seen: set[str] = set()
    wanted = [equals(name, user.dn) for name in preset.members]
    if preset.posix_groups:
        wanted += [equals("memberUid", uid) for uid in user.texts("uid")]
        wanted += [
            all_of("(objectClass=posixGroup)", equals("gidNumber", number))
            for number in user.texts("gidNumber")
        ]
    while wanted:
        following: list[str] = []
        for entry in _search(link, wanted, settings, preset):
            if entry.dn.casefold() in seen:
                continue
            seen.add(entry.dn.casefold())
            yield group_from(entry, preset)
            following += [equals(name, entry.dn) for name in preset.members]
        wanted = following


_WAYS: dict[
    GroupMethod,
    Callable[[Link, Entry, DirectorySettings, Preset], Iterator[DirectoryGroup]],
] = {
    "token-groups": _by_token,
    "matching-rule": _by_rule,
    "member-of": _by_member_of,
    "walk": _by_walking,
}


def _search(
    link: Link, wanted: Iterable[str], settings: DirectorySettings, preset: Preset
) -> Iterator[Entry]:
    """The groups that any of ``wanted`` finds, a manageable number of filters at a time."""
    remaining = iter(wanted)
    while together := list(islice(remaining, _TOGETHER)):
        yield from link.search(
            base_of_groups(settings),
            all_of(preset.group_filter, any_of(together)),
            group_attributes(preset),
        )


def _primary_group_sid(user: Entry) -> bytes | None:
    """The SID of the primary group, which lists no members: the person's, but for the last part."""
    sids: Sequence[bytes] = user.values("objectSid")
    number = user.text("primaryGroupID")
    if not sids or not number.isdigit():
        return None
    return sids[0][:-4] + int(number).to_bytes(4, "little")
