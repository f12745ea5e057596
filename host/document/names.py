"""Names of hosts, time zones, locales and keyboards, checked the same wherever they are typed.

Every check returns the name as it is kept and raises ValueError with words for a person.
"""

from __future__ import annotations

import re
from functools import cache
from ipaddress import ip_address
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator

_HOST_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
_LOCALE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?(\.[A-Za-z0-9-]+)?(@[a-z]+)?|C(\.UTF-8)?")
_LAYOUT = re.compile(r"[a-z]{2,}(\([A-Za-z0-9_-]+\))?")


def check_host_name(name: str) -> str:
    """A host name after RFC 1123, with or without a domain."""
    labels = name.split(".")
    if len(name) > 253 or not all(_HOST_LABEL.fullmatch(label) for label in labels):
        raise ValueError(
            f"“{name}” is not a host name: use letters, digits and hyphens, "
            "in parts of at most 63 separated by dots"
        )
    if labels[-1].isdigit():
        raise ValueError(f"“{name}” is not a host name: its last part must not be a number")
    return name


def check_server(name: str) -> str:
    """The name or address of another machine."""
    try:
        return str(ip_address(name))
    except ValueError:
        pass
    if re.fullmatch(r"[0-9.]+", name) or ":" in name:
        raise ValueError(f"“{name}” is not an IP address")
    return check_host_name(name)


def check_timezone(name: str) -> str:
    """A name of the tz database, as in ``Europe/Madrid``."""
    if name not in _timezones():
        raise ValueError(f"“{name}” is not a time zone: use a name as in Europe/Madrid or UTC")
    return name


@cache
def _timezones() -> frozenset[str]:
    """Read once: the tz database is some hundred files, and every document names a zone."""
    return frozenset(available_timezones())


def check_locale(name: str) -> str:
    """A locale, as in ``es_ES.UTF-8``."""
    if not _LOCALE.fullmatch(name):
        raise ValueError(f"“{name}” is not a locale: use a name as in es_ES.UTF-8")
    return name


def check_keyboard(layout: str) -> str:
    """An X keyboard layout with an optional variant, as in ``es`` or ``us(intl)``."""
    if not _LAYOUT.fullmatch(layout):
        raise ValueError(f"“{layout}” is not a keyboard layout: use one as in es or us(intl)")
    return layout


HostName = Annotated[str, AfterValidator(check_host_name)]
ServerName = Annotated[str, AfterValidator(check_server)]
TimeZone = Annotated[str, AfterValidator(check_timezone)]
Locale = Annotated[str, AfterValidator(check_locale)]
Keyboard = Annotated[str, AfterValidator(check_keyboard)]
