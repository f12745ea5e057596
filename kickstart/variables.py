"""The variables of the templates: their kinds, and what makes a value of each kind good.

A value is put into a kickstart's line only after its kind accepted it, so that no value can break
out of its place: none may hold quotes, backslashes, ``#`` or control characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Interface, ip_address
from urllib.parse import urlsplit

from foundation.failure import WrongArgument
from foundation.password_hash import is_password_hash
from host.document.model import check_host_name, check_timezone
from host.document.network import check_interface_name

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\"'\\#`]")
_DISK = re.compile(r"[A-Za-z0-9][\w.-]*|/dev/(disk/by-(id|path)/)?[\w.:+-]+")


def _text(value: str) -> str:
    return value


def _matching(pattern: str, what: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(f"“{value}” is not {what}")
        return value

    return check


def _address(value: str) -> str:
    return str(ip_address(value))


def _own_address(value: str) -> str:
    if ":" not in value:
        return str(IPv4Address(value))
    if "/" not in value:
        raise ValueError(f"“{value}” has no prefix length, as in {value}/64")
    return str(IPv6Interface(value))


def _netmask(value: str) -> str:
    return str(IPv4Network(f"0.0.0.0/{value}").netmask)


def _list_of(check: Callable[[str], str]) -> Callable[[str], str]:
    return lambda value: ",".join(check(item.strip()) for item in value.split(","))


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"“{value}” is not a URL as in https://server/path")
    return value


def _password(value: str) -> str:
    if not is_password_hash(value):
        raise ValueError("this is not a password hash of crypt(5)")
    return value


_disk = _matching(_DISK.pattern, "a disk as in sda or /dev/disk/by-id/wwn-0x5000c500a1b2c3d4")
_server = _matching(r"[A-Za-z0-9.:-]+", "a host name or address")

KINDS: dict[str, Callable[[str], str]] = {
    "text": _text,
    "size": _matching(r"[1-9][0-9]{0,8}", "a size in MiB"),
    "number": _matching(r"[0-9]{1,5}", "a number"),
    "yes or no": _matching(r"yes|no", "yes or no"),
    "disk": _disk,
    "host name": check_host_name,
    "time zone": check_timezone,
    "language": _matching(r"[a-z]{2,3}_[A-Z]{2}\.UTF-8", "a locale as in es_ES.UTF-8"),
    "keyboard": _matching(r"[a-z]{2,}(\([\w-]+\))?", "a layout as in es or us(intl)"),
    "interface": check_interface_name,
    "interfaces": _list_of(check_interface_name),
    "address": _address,
    "addresses": _list_of(_address),
    "own address": _own_address,
    "netmask": _netmask,
    "servers": _list_of(_server),
    "WWN": _matching(r"(0x|eui\.|nvme\.|[0-9])[0-9A-Za-z.-]{8,}", "a WWN or WWID"),
    "user name": _matching(r"[a-z_][a-z0-9_-]{0,31}", "a user name"),
    "SSH key": _matching(r"(ssh|ecdsa|sk)-[\w@.-]+ [A-Za-z0-9+/=]+( [\w@. -]*)?", "a public key"),
    "URL": _url,
    "SHA-256": _matching(r"[0-9a-f]{64}", "a SHA-256 of 64 hexadecimal digits"),
    "password": _password,
    "SELinux mode": _matching(
        r"enforcing|permissive|disabled", "one of enforcing, permissive, disabled"
    ),
    "ending": _matching(r"reboot|poweroff|halt", "one of reboot, poweroff, halt"),
    "bond mode": _matching(
        r"balance-rr|active-backup|balance-xor|broadcast|802\.3ad|balance-tlb|balance-alb",
        "a bond mode as in active-backup or 802.3ad",
    ),
}


@dataclass(frozen=True)
class Variable:
    """One variable of a template.

    ``default`` None means that it must be given; an empty default that it may be left out.
    ``minimum`` is the least number, for sizes (MiB) and numbers.
    """

    name: str
    kind: str
    description: str
    default: str | None = None
    minimum: int = 0

    @property
    def secret(self) -> bool:
        """Whether its value must not be shown."""
        return self.kind == "password"

    def check(self, value: str) -> str:
        """``value`` in its normal form; raises WrongArgument that names the variable."""
        if not value and self.default == "":
            return ""
        try:
            if _FORBIDDEN.search(value):
                raise ValueError("quotes, backslashes, # and control characters are not allowed")
            checked = KINDS[self.kind](value)
            if self.minimum and int(checked) < self.minimum:
                raise ValueError(f"{checked} is below the least value {self.minimum}")
        except ValueError as error:
            raise WrongArgument(
                f"The variable {self.name} is wrong: {error}.",
                f"It is {self.description}.",
            ) from None
        return checked
