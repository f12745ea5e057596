"""What differs between kinds of directories, as data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from manager.directory.settings import DirectorySettings, GroupMethod, Kind


@dataclass(frozen=True)
class Preset:
    """One kind: where it keeps what the Manager asks for.

    ``login`` are the attributes that a person's name is looked for in. ``id_attribute`` stays the
    same for the life of an entry: a GUID in Microsoft's byte order, or a text (RFC 4530).
    ``group_method`` is how nested groups are found: :mod:`manager.directory.groups` explains them.
    ``members`` are the attributes by which a group names its members' entries.
    """

    title: str
    user_filter: str
    login: tuple[str, ...]
    id_attribute: str
    id_form: Literal["guid", "text"]
    group_filter: str
    group_method: GroupMethod
    members: tuple[str, ...]
    # Groups that name people by the short name (RFC 2307), and the primary group's number.
    posix_groups: bool
    full_name: tuple[str, ...] = ("displayName", "cn")
    mail: str = "mail"
    # DOMAIN\user and user@domain are understood as names to sign in with, and by binds.
    windows_names: bool = False


_ACTIVE_DIRECTORY = Preset(
    title="Active Directory",
    user_filter="(&(objectCategory=person)(objectClass=user))",
    login=("sAMAccountName", "userPrincipalName"),
    id_attribute="objectGUID",
    id_form="guid",
    group_filter="(objectClass=group)",
    group_method="token-groups",
    members=("member",),
    posix_groups=False,
    windows_names=True,
)
_OPENLDAP = Preset(
    title="OpenLDAP",
    user_filter="(|(objectClass=inetOrgPerson)(objectClass=posixAccount)(objectClass=account))",
    login=("uid",),
    id_attribute="entryUUID",
    id_form="text",
    group_filter=(
        "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup))"
    ),
    group_method="walk",
    members=("member", "uniqueMember"),
    posix_groups=True,
)

PRESETS: dict[Kind, Preset] = {
    "active-directory": _ACTIVE_DIRECTORY,
    "samba-ad": replace(_ACTIVE_DIRECTORY, title="Samba Active Directory"),
    "openldap": _OPENLDAP,
    "389ds": replace(_OPENLDAP, title="389 Directory Server", id_attribute="nsUniqueId"),
    # Its memberOf plug-in is always on; ipaUniqueID is on groups and people alike.
    "freeipa": replace(
        _OPENLDAP,
        title="FreeIPA",
        user_filter="(objectClass=posixAccount)",
        id_attribute="ipaUniqueID",
        group_method="member-of",
        group_filter="(|(objectClass=ipaUserGroup)(objectClass=groupOfNames))",
    ),
}


def preset_of(settings: DirectorySettings) -> Preset:
    """The kind's preset with what the settings say otherwise."""
    preset = PRESETS[settings.kind]
    if settings.user_attribute:
        preset = replace(preset, login=(settings.user_attribute,))
    if settings.user_filter:
        preset = replace(preset, user_filter=settings.user_filter)
    if settings.group_method:
        preset = replace(preset, group_method=settings.group_method)
    return preset
