"""The second half of “test this directory”: what is in it, seen with the Manager's account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from foundation.secret import Secret
from manager.directory.checks import Check, Found, attempt
from manager.directory.group_entries import find_group
from manager.directory.groups import base_of_groups, groups_of_entry
from manager.directory.link import Entry, Link
from manager.directory.mapping import role_of
from manager.directory.members import members_of
from manager.directory.people import is_disabled, people_named, user_from
from manager.directory.port import DirectoryGroup
from manager.directory.presets import Preset, preset_of
from manager.directory.refusals import Reason, Refused, Unavailable
from manager.directory.settings import DirectorySettings, RoleMapping

TryPassword = Callable[[str], Reason | None]

MOST_COUNTED = 1000
_LARGEST_SKEW = 300  # seconds; what Kerberos allows, so that a domain keeps to it
_SHOWN_GROUPS = 20

_TITLES = {
    "clock": "The clocks agree",
    "base": "The search base is there",
    "people": "People are found below it",
    "mapping": "The group with a role is there",
    "user": "The person is found",
    "password": "The directory accepts the person's password",
    "groups": "The person's groups",
    "role": "The person's role",
}


@dataclass(frozen=True)
class Sample:
    """Somebody to try: by ``name`` as they sign in, and with a password if there is one."""

    name: str = ""
    password: Secret = field(default_factory=lambda: Secret(""))


def examine_contents(
    link: Link, settings: DirectorySettings, sample: Sample, try_password: TryPassword
) -> Iterator[Check]:
    """Look at the contents through ``link``, on which the Manager's account has signed in.

    ``try_password`` says for a distinguished name why the sample's password is refused.
    """
    preset = preset_of(settings)
    clock = attempt("clock", _TITLES["clock"], lambda: _clock(link), where=link.where)
    if clock.value:  # only Active Directory tells its time
        yield clock
    base = attempt("base", _TITLES["base"], lambda: _base(link, settings))
    yield base
    if base.state == "failed":
        yield from _skipped(settings, sample, after="base")
        return
    yield attempt("people", _TITLES["people"], lambda: _people(link, settings, preset))
    for mapping in settings.roles:
        yield attempt("mapping", _TITLES["mapping"], partial(_mapping, link, mapping, preset))
    if sample.name:
        yield from _examine_person(link, settings, preset, sample, try_password)


def skip_contents(settings: DirectorySettings, sample: Sample) -> Iterator[Check]:
    """What would have been looked at."""
    yield Check("base", _TITLES["base"], "skipped", settings.base)
    yield from _skipped(settings, sample, after="base")


def _skipped(settings: DirectorySettings, sample: Sample, *, after: str) -> Iterator[Check]:
    names = list(_TITLES)
    for name in names[names.index(after) + 1 :]:
        if name == "mapping":
            for mapping in settings.roles:
                yield Check(name, _TITLES[name], "skipped", mapping.group)
        elif name == "people" or (sample.name and (name != "password" or sample.password)):
            yield Check(name, _TITLES[name], "skipped")


def _examine_person(
    link: Link,
    settings: DirectorySettings,
    preset: Preset,
    sample: Sample,
    try_password: TryPassword,
) -> Iterator[Check]:
    entries: list[Entry] = []
    found: list[DirectoryGroup] = []

    def person() -> Found:
        entries.extend(people_named(link, sample.name, settings, preset))
        return _person(link, entries, sample.name, settings, preset)

    def groups() -> Found:
        found.extend(groups_of_entry(link, entries[0], settings, preset))
        return _describe_groups(found)

    check = attempt("user", _TITLES["user"], person)
    yield check
    if check.state == "failed":
        yield from _skipped(settings, sample, after="user")
        return
    if sample.password:
        yield attempt(
            "password", _TITLES["password"], lambda: _password(try_password(entries[0].dn))
        )
    check = attempt("groups", _TITLES["groups"], groups)
    yield check
    if check.state == "failed":
        yield from _skipped(settings, sample, after="groups")
        return
    yield attempt("role", _TITLES["role"], lambda: _role(found, settings))


def _clock(link: Link) -> Found:
    told = link.read("", ["currentTime"]).text("currentTime")
    try:
        theirs = datetime.strptime(told[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return Found("")
    skew = (datetime.now(UTC) - theirs).total_seconds()
    value = f"{theirs:%Y-%m-%d %H:%M:%S} UTC, {abs(skew):.0f} s apart"
    if abs(skew) <= _LARGEST_SKEW:
        return Found(value)
    which = "ahead of" if skew > 0 else "behind"
    return Found(
        value,
        (
            f"The Manager's clock is {abs(skew) / 60:.0f} minutes {which} the directory's.",
            "Give both the same time servers.",
        ),
    )


def _base(link: Link, settings: DirectorySettings) -> Found:
    link.read(settings.base, [])
    if settings.group_base:
        link.read(settings.group_base, [])
        return Found(f"{settings.base}; groups below {settings.group_base}")
    return Found(settings.base)


def _people(link: Link, settings: DirectorySettings, preset: Preset) -> Found:
    count = without_id = 0
    attributes = [preset.login[0], preset.id_attribute]
    for entry in link.search(settings.base, preset.user_filter, attributes, most=MOST_COUNTED):
        count += 1
        without_id += not entry.values(preset.id_attribute)
    if not count:
        raise Unavailable(
            f"Nobody is found below “{settings.base}” by {preset.user_filter}.",
            "Correct base and filter, or let the Manager's account read the people.",
        )
    if without_id:
        raise Unavailable(
            f"{without_id} of {count} entries show no {preset.id_attribute}, which tells them "
            "apart for good.",
            "Let the Manager's account read it, or choose the right kind of directory.",
        )
    return Found(f"{count} people" if count < MOST_COUNTED else f"{count} people or more")


def _mapping(link: Link, mapping: RoleMapping, preset: Preset) -> Found:
    group = find_group(link, mapping.group, preset)
    if group is None:
        raise Unavailable(
            f"There is no group “{mapping.group}”, so that it gives nobody the role "
            f"{mapping.role}.",
            "Correct the group's distinguished name, or remove it from the roles.",
        )
    if mapping.group_id and mapping.group_id != group.id:
        raise Unavailable(
            f"“{mapping.group}” is another group than the one that was given the role "
            f"{mapping.role}: it was made anew since.",
            "If the new one is meant, remove it from the roles and add it again.",
        )
    attributes = (*preset.members, "memberUid") if preset.posix_groups else preset.members
    count = sum(1 for name in attributes for _ in members_of(link, group.dn, name))
    value = f"{group.name}: {mapping.role}; {count} direct members"
    if count:
        return Found(value)
    return Found(
        value,
        (
            "The group shows no members.",
            "If it has some, let the Manager's account read them. A primary group, such as Domain "
            "Users, shows none and yet gives its role.",
        ),
    )


def _person(
    link: Link, entries: list[Entry], sample: str, settings: DirectorySettings, preset: Preset
) -> Found:
    if not entries:
        raise Unavailable(
            f"Nobody signs in as “{sample}”: no entry below “{settings.base}” has that "
            f"{' or '.join(preset.login)} and matches {preset.user_filter}.",
            "Correct the name, the base, the attribute or the filter.",
        )
    if len(entries) > 1:
        raise Unavailable(
            f"Several entries are called “{sample}”: {entries[0].dn} and {entries[1].dn}. "
            "Neither can sign in.",
            "Narrow base or filter, or give one of them another name.",
        )
    user = user_from(entries[0], preset, link.where)
    value = "; ".join(part for part in (user.dn, user.full_name, user.mail) if part)
    if is_disabled(entries[0]):
        return Found(
            value,
            ("The account is disabled, so that it cannot sign in.", "Enable it in the directory."),
        )
    return Found(value)


def _password(reason: Reason | None) -> Found:
    if reason is None:
        return Found("accepted")
    raise Unavailable(
        f"The directory refuses it: {reason.value}.",
        _PASSWORD_REMEDIES.get(reason) or Refused(reason).remedy,
    )


_PASSWORD_REMEDIES = {
    Reason.WRONG_PASSWORD: "Type it again; each wrong one counts towards locking the account.",
    Reason.LOCKED: "Unlock the account in the directory, or wait until it unlocks itself.",
}


def _describe_groups(groups: list[DirectoryGroup]) -> Found:
    names = [group.name for group in groups]
    shown = ", ".join(names[:_SHOWN_GROUPS])
    more = f" and {len(names) - _SHOWN_GROUPS} more" if len(names) > _SHOWN_GROUPS else ""
    return Found(f"{len(names)}: {shown}{more}" if names else "none")


def _role(groups: list[DirectoryGroup], settings: DirectorySettings) -> Found:
    given = role_of(groups, settings.roles)
    if given is None:
        raise Unavailable(
            "None of the person's groups has a role, so that the person cannot sign in.",
            "Give one of these groups a role, or make the person a member of one that has. Groups "
            f"are looked for below “{base_of_groups(settings)}”.",
        )
    return Found(f"{given[0]}, by the group {given[1].name}")
