"""Turning what is typed into values: addresses, servers, keys, passwords. Pure.

Every function raises ValueError with what is wrong in words for the line under the field.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from ipaddress import ip_address, ip_interface

from foundation.secret import Secret
from host.document.model import check_host_name
from installer.screens.draft import Address, Server

LEAST_PASSWORD = 8


def parse_host_name(text: str) -> str:
    """A host name after RFC 1123."""
    return check_host_name(text)


def parse_address(text: str) -> Address:
    """An address with its prefix, IPv4 or IPv6."""
    if "/" not in text:
        raise ValueError("Write the address with its prefix, as in 192.0.2.10/24.")
    try:
        address = ip_interface(text)
    except ValueError:
        raise ValueError(f"“{text}” is no address with a prefix, as in 192.0.2.10/24.") from None
    if address.ip.is_unspecified or address.ip.is_multicast or address.ip.is_loopback:
        raise ValueError(f"{text} cannot be the address of a host.")
    network = address.network
    if address.version == 4 and network.prefixlen < 31:
        if address.ip == network.network_address:
            raise ValueError(f"{text} is the address of the network itself.")
        if address.ip == network.broadcast_address:
            raise ValueError(f"{text} is the broadcast address of its network.")
    return address


def parse_server(text: str) -> Server:
    """One address without prefix."""
    try:
        return ip_address(text)
    except ValueError:
        raise ValueError(f"“{text}” is no IP address, as in 192.0.2.1.") from None


def parse_servers(text: str) -> tuple[Server, ...]:
    """Addresses, separated by spaces or commas."""
    return tuple(parse_server(word) for word in _words(text))


def parse_time_servers(text: str) -> tuple[str, ...]:
    """Names or addresses of NTP servers, separated by spaces or commas."""
    servers = _words(text)
    for server in servers:
        try:
            ip_address(server)
        except ValueError:
            check_host_name(server)
    return servers


def parse_ssh_key(text: str) -> str:
    """A public key in one line, as in the file ``id_ed25519.pub``."""
    match text.split(None, 2):
        case [kind, encoded, *_]:
            pass
        case _:
            raise ValueError("Paste the whole line of the public key, as in id_ed25519.pub.")
    if "PRIVATE" in text:
        raise ValueError("This is a private key. Paste the public one, as in id_ed25519.pub.")
    try:
        blob = base64.b64decode(encoded, validate=True)
        (length,) = struct.unpack(">I", blob[:4])
        inside = blob[4 : 4 + length].decode("ascii")
    except (binascii.Error, struct.error, UnicodeDecodeError):
        raise ValueError("This is no public key, or a part of it is missing.") from None
    if inside != kind:
        raise ValueError(f"The key says that it is {kind}, but it is not.")
    return text


def parse_password(secret: Secret) -> Secret:
    """A password that is long enough to be one."""
    if len(secret.reveal()) < LEAST_PASSWORD:
        raise ValueError(f"Use at least {LEAST_PASSWORD} characters.")
    return secret


def strength_of(secret: Secret) -> str:
    """A hint on how hard a password is to guess, from its length and its kinds of characters."""
    text = secret.reveal()
    kinds = sum(
        bool(re.search(pattern, text)) for pattern in (r"[a-z]", r"[A-Z]", r"\d", r"[^A-Za-z\d]")
    )
    if len(set(text)) < 5 or len(text) < LEAST_PASSWORD:
        return "weak"
    points = len(text) + 3 * kinds
    return "weak" if points < 15 else "fair" if points < 22 else "strong"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())
