"""The sockets that the Manager listens on: IPv4 and IPv6 alike where its address is ``[::]``."""

from __future__ import annotations

import socket
from ipaddress import IPv6Address, ip_address

from foundation.failure import Failure
from manager.settings import Endpoint


def bound_socket(endpoint: Endpoint, option: str) -> socket.socket:
    """A socket at ``endpoint``, which the command line's ``option`` names. Raises Failure."""
    family = socket.AF_INET6 if ":" in endpoint.address else socket.AF_INET
    # Named as TCP: asyncio turns Nagle's algorithm off for such sockets alone, and with it every
    # answer would wait 40 ms for the client's delayed acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        # [::] is both, whatever the system's default is; sockets that asyncio makes are not.
        listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    try:
        listening.bind((endpoint.address, endpoint.port))
    except OSError as error:
        listening.close()
        raise Failure(
            f"The Manager cannot listen on {endpoint}: {error.strerror}.",
            f"Give another place with {option}; ports below 1024 need the right to use them. "
            "Another Manager may be running already.",
        ) from error
    return listening


def plain_address(address: str) -> str:
    """The address of a peer as people write it: a socket at ``[::]`` has IPv4's as IPv6."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or address)
