"""Packets that are sent to see who answers: ARP, NDP, DNS, echo requests."""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import socket
import struct
import time
from ipaddress import ip_address

from foundation.failure import Failure
from foundation.process import run

_PATIENCE = 3.0  # seconds
_DISCARD_PORT = 9
_DNS_PORT = 53
_ANSWERED = {"REACHABLE", "DELAY", "PERMANENT", "NOARP"}
_SOMEBODY_ELSE = 1


def other_holder(interface: str, address: str) -> str | None:
    """Duplicate address detection after RFC 5227, by arping(8) of iputils."""
    argv = ["arping", "-D", "-c", "2", "-w", "3", "-I", interface, address]
    done = run(argv, timeout=15, accept=(0, _SOMEBODY_ELSE))
    if done.returncode != _SOMEBODY_ELSE:
        return None
    mac = re.search(r"([0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5})", done.stdout)
    if mac is None:
        raise Failure(f"Whether {address} is used twice could not be tried.", details=done.stderr)
    return mac.group(1).lower()


def neighbour_answers(interface: str, address: str) -> bool:
    """Have the kernel ask for the neighbour anew, and look what it learns."""
    family = "-6" if ip_address(address.partition("%")[0]).version == 6 else "-4"
    neighbour = ["ip", family, "neighbour"]
    run([*neighbour, "delete", address, "dev", interface], timeout=10, accept=(0, 1, 2))
    _send_something(interface, address)
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        argv = ["ip", "-json", family, "neighbour", "show", "to", address, "dev", interface]
        for entry in json.loads(run(argv, timeout=10).stdout or "[]"):
            if _ANSWERED & set(entry.get("state", ())):
                return True
            if "FAILED" in entry.get("state", ()):
                return False
        time.sleep(0.1)
    return False


def answers_dns(server: str) -> bool:
    """Ask for the root's name servers; any answer counts, also a refusal."""
    number = secrets.randbelow(1 << 16)
    recursion_desired, questions, name_servers, internet = 0x0100, 1, 2, 1
    question = struct.pack(">6H", number, recursion_desired, questions, 0, 0, 0)
    question += b"\0" + struct.pack(">2H", name_servers, internet)
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as line:
        line.settimeout(_PATIENCE / 2)
        for _attempt in range(2):
            with contextlib.suppress(OSError):
                line.connect((server, _DNS_PORT))
                line.send(question)
                answer = line.recv(4096)
                if answer[:2] == question[:2]:
                    return True
    return False


def answers_ping(address: str) -> bool:
    """One echo request, by ping(8)."""
    done = run(["ping", "-n", "-c", "1", "-W", "2", address], timeout=10, accept=(0, 1, 2))
    return done.returncode == 0


def _send_something(interface: str, address: str) -> None:
    """A datagram that nobody keeps: the kernel must find the neighbour before it can leave."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as line, contextlib.suppress(OSError):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        line.sendto(b"\0", (address, _DISCARD_PORT))
