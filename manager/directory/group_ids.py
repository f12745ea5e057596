"""Giving the groups of a mapping their stable ids, so that renaming them takes no role away."""

from __future__ import annotations

from foundation.secret import Secret
from manager.directory.ldap_directory import LdapDirectory
from manager.directory.refusals import Unavailable
from manager.directory.settings import DirectorySettings


def with_group_ids(settings: DirectorySettings, password: Secret) -> DirectorySettings:
    """``settings`` with the ids that the directory tells; as they are when it cannot be asked.

    A group without one is known by its name alone, which does as long as nobody renames it.
    """
    if all(mapping.group_id for mapping in settings.roles):
        return settings
    directory = LdapDirectory(settings, password)
    roles = []
    try:
        for mapping in settings.roles:
            group = None if mapping.group_id else directory.find_group(mapping.group)
            roles.append(mapping.model_copy(update={"group_id": group.id}) if group else mapping)
    except Unavailable:
        return settings
    return settings.model_copy(update={"roles": tuple(roles)})
