"""Search filters (RFC 4515), with everything that people typed escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from ldap3.utils.conv import escape_bytes, escape_filter_chars

from manager.directory.presets import Preset
from manager.directory.settings import DirectorySettings

_LONGEST_NAME = 256
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def equals(attribute: str, value: str) -> str:
    """``attribute`` has ``value``."""
    return f"({attribute}={escape_filter_chars(value)})"


def contains(attribute: str, text: str) -> str:
    """``attribute`` has ``text`` in it."""
    return f"({attribute}=*{escape_filter_chars(text)}*)"


def any_of(filters: Iterable[str]) -> str:
    """At least one of ``filters``."""
    given = list(dict.fromkeys(filters))
    return given[0] if len(given) == 1 else f"(|{''.join(given)})"


def all_of(*filters: str) -> str:
    """All of ``filters``; those without parentheses get them."""
    given = [one if one.startswith("(") else f"({one})" for one in filters if one]
    return given[0] if len(given) == 1 else f"(&{''.join(given)})"


def has_id(preset: Preset, identity: str) -> str:
    """The entry with a stable id; raises ValueError when ``identity`` cannot be one."""
    if preset.id_form == "guid":
        return f"({preset.id_attribute}={escape_bytes(UUID(identity).bytes_le)})"
    return equals(preset.id_attribute, identity)


def people_called(name: str, settings: DirectorySettings, preset: Preset) -> tuple[str, ...]:
    """Filters that look for ``name``, the surest first; none when it can be nobody's name.

    On Active Directory ``alice@corp.example`` is first the user principal name, then the account
    ``alice`` of the domain that the base is in; ``CORP\\alice`` is the account ``alice``.
    """
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME or _CONTROL.search(name):
        return ()
    if not preset.windows_names or len(preset.login) == 1:
        return (all_of(preset.user_filter, any_of(equals(one, name) for one in preset.login)),)
    account, principal = preset.login
    domain, backslash, short = name.rpartition("\\")
    if backslash:
        return (all_of(preset.user_filter, equals(account, short)),) if domain and short else ()
    short, at, domain = name.rpartition("@")
    if not at:
        return (all_of(preset.user_filter, equals(account, name)),)
    tried = [equals(principal, name)]
    if short and domain.lower() == dns_domain(settings.base):
        tried.append(equals(account, short))
    return tuple(all_of(preset.user_filter, one) for one in tried)


def dns_domain(base: str) -> str:
    """``dc=corp,dc=example`` as ``corp.example``; what is above other parts counts."""
    parts = re.findall(r"(?:^|,)\s*dc\s*=\s*([^,]+?)\s*(?=,|$)", base, re.IGNORECASE)
    return ".".join(parts).lower()
