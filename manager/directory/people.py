"""Finding a person's entry, and what it says about them."""

from __future__ import annotations

from manager.directory.filters import all_of, has_id, people_called
from manager.directory.groups import USER_ATTRIBUTES, identity_of
from manager.directory.link import Entry, Link
from manager.directory.port import DirectoryUser
from manager.directory.presets import Preset
from manager.directory.refusals import Unavailable
from manager.directory.settings import DirectorySettings

_ACCOUNT_DISABLED = 0x2  # userAccountControl (MS-ADTS 2.2.16)
_LOCKED_FOR_GOOD = "000001010000Z"  # pwdAccountLockedTime (draft-behera, 5.3.3)
_STATE_ATTRIBUTES = ("userAccountControl", "nsAccountLock", "pwdAccountLockedTime")


def people_named(link: Link, name: str, settings: DirectorySettings, preset: Preset) -> list[Entry]:
    """The entries of those who sign in as ``name``: one, none, or the first two of several."""
    for wanted in people_called(name, settings, preset):
        found = list(link.search(settings.base, wanted, _attributes(preset), most=2))
        if found:
            return found
    return []


def person_with_id(
    link: Link, identity: str, settings: DirectorySettings, preset: Preset
) -> Entry | None:
    """The entry with a stable id; None when it is gone, disabled, or no longer counts."""
    try:
        wanted = all_of(preset.user_filter, has_id(preset, identity))
    except ValueError:
        return None
    for entry in link.search(settings.base, wanted, _attributes(preset), most=1):
        return None if is_disabled(entry) else entry
    return None


def is_disabled(entry: Entry) -> bool:
    """Whether an administrator of the directory has switched the account off."""
    control = entry.text("userAccountControl")
    return (
        (control.lstrip("-").isdigit() and bool(int(control) & _ACCOUNT_DISABLED))
        or entry.text("nsAccountLock").lower() == "true"
        or entry.text("pwdAccountLockedTime") == _LOCKED_FOR_GOOD
    )


def user_from(entry: Entry, preset: Preset, where: str) -> DirectoryUser:
    """A person from their entry; raises Unavailable when it has no stable id."""
    identity = identity_of(entry, preset)
    if not identity:
        raise Unavailable(
            f"The entry “{entry.dn}” shows no {preset.id_attribute}.",
            "Let the Manager's account read that attribute, or choose the right kind of directory.",
            where=where,
            retry=False,
        )
    return DirectoryUser(
        id=identity,
        name=entry.text(preset.login[0]) or entry.text(*preset.login),
        dn=entry.dn,
        full_name=entry.text(*preset.full_name),
        mail=entry.text(preset.mail),
    )


def _attributes(preset: Preset) -> list[str]:
    wanted = (
        *preset.login,
        preset.id_attribute,
        *preset.full_name,
        preset.mail,
        *USER_ATTRIBUTES,
        *_STATE_ATTRIBUTES,
    )
    return list(dict.fromkeys(wanted))
