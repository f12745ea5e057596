"""The health checks of this host: each looks at one thing and says how it is, why, and what to do.

A check never raises: what cannot be found out is a state of its own, ``unknown`` or ``failed``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from foundation.failure import Failure
from host.backends.real.asking import Asked
from host.backends.real.bus import SYSTEMD, TIMEDATED, Bus
from host.status import HealthCheck

BOOT_REPORT = Path("/run/flexvdi/boot.json")
_SPACE_WARNING, _SPACE_FAILED = 0.10, 0.03
_MEMORY_WARNING = 0.05
_GIB = 1 << 30
_LIBVIRT_REMEDY = "See `systemctl status libvirtd virtqemud`."


def host_document(report: Path = BOOT_REPORT) -> HealthCheck:
    """How the document was applied at boot."""
    name = "Host document"
    try:
        known = json.loads(report.read_text())
    except (OSError, ValueError):
        return HealthCheck(name, "unknown", "It has not been applied since the last boot.")
    if known["state"] == "ok":
        return HealthCheck(name, "ok", "The host is as its document says.")
    return HealthCheck(name, "failed", known["cause"], known["remedy"])


def management_network(address: str | None, interface: str | None) -> HealthCheck:
    """Whether administrators can reach the host at all."""
    name = "Management network"
    if address:
        return HealthCheck(name, "ok", f"{address} on {interface}.")
    if interface:
        return HealthCheck(
            name, "failed", f"{interface} has no address.", "Check its cable and the DHCP server."
        )
    return HealthCheck(
        name, "failed", "No interface has an address.", "Check the cables and the network settings."
    )


def libvirt(within: float = 5.0) -> tuple[HealthCheck, int | None]:
    """Whether libvirt answers in that many seconds, and how many guests run."""
    name = "Virtualization"
    answer = _libvirt.within(within)
    if answer is None:
        words = f"libvirt has not answered for {within:.0f} seconds; it may be starting."
        return HealthCheck(name, "unknown", words, _LIBVIRT_REMEDY), None
    return answer


def _ask_libvirt() -> tuple[HealthCheck, int | None]:
    name, remedy = "Virtualization", _LIBVIRT_REMEDY
    try:
        import libvirt as binding
    except ImportError:
        return HealthCheck(name, "unknown", "libvirt's Python binding is missing.", remedy), None
    binding.registerErrorHandler(lambda _context, _error: None, None)
    try:
        connection = binding.openReadOnly("qemu:///system")
        try:
            guests: int = connection.numOfDomains()
        finally:
            connection.close()
    except binding.libvirtError as error:
        words = (error.get_error_message() or "no reason given").rstrip(".")
        return HealthCheck(name, "failed", f"libvirt does not answer: {words}.", remedy), None
    running = "no guest runs" if guests == 0 else f"{guests} running"
    return HealthCheck(name, "ok", f"libvirt answers, {running}."), guests


# Its socket takes connections while the daemon behind it starts, or hangs.
_libvirt = Asked(_ask_libvirt)


def time_synchronised() -> HealthCheck:
    """Whether the clock follows a time server."""
    name = "Time"
    try:
        with Bus(timeout=5) as bus:
            synchronised = bus.get(TIMEDATED, "NTPSynchronized")
    except Failure as failure:
        return HealthCheck(name, "unknown", failure.cause, failure.remedy)
    if synchronised:
        return HealthCheck(name, "ok", "The clock is synchronised.")
    return HealthCheck(
        name,
        "warning",
        "The clock is not synchronised.",
        "See `chronyc sources`; the time servers may not be reachable.",
    )


def failed_units() -> HealthCheck:
    """Whether a service of the system has failed."""
    name = "Services"
    try:
        with Bus(timeout=5) as bus:
            units = [unit[0] for unit in bus.call(SYSTEMD, "ListUnitsFiltered", "as", ["failed"])]
    except Failure as failure:
        return HealthCheck(name, "unknown", failure.cause, failure.remedy)
    if not units:
        return HealthCheck(name, "ok", "No service has failed.")
    shown = ", ".join(units[:3]) + (" and others" if len(units) > 3 else "")
    return HealthCheck(name, "warning", f"Failed: {shown}.", "See `systemctl --failed`.")


def space(paths: tuple[str, ...] = ("/", "/var", "/boot")) -> HealthCheck:
    """Whether the filesystems the host itself needs have room, in bytes and in inodes."""
    name = "Disk space"
    tightest, at = 1.0, "/"
    for path in paths:
        try:
            found = os.statvfs(path)
        except OSError:
            continue
        for free, total in ((found.f_bavail, found.f_blocks), (found.f_favail, found.f_files)):
            if total and free / total < tightest:
                tightest, at = free / total, path
    words = f"{tightest:.0%} free on {at}."
    if tightest < _SPACE_FAILED:
        return HealthCheck(name, "failed", words, "Remove what is not needed, old logs first.")
    if tightest < _SPACE_WARNING:
        return HealthCheck(name, "warning", words, "See `du -xh --max-depth=2 /var`.")
    return HealthCheck(name, "ok", words)


def memory(source: Path = Path("/proc/meminfo")) -> HealthCheck:
    """How much memory is left for guests."""
    name = "Memory"
    numbers = {}
    for line in source.read_text().splitlines():
        key, _colon, rest = line.partition(":")
        numbers[key] = int(rest.split()[0]) * 1024
    total, free = numbers["MemTotal"], numbers["MemAvailable"]
    words = f"{free / _GIB:.1f} of {total / _GIB:.1f} GiB available."
    if free / total < _MEMORY_WARNING:
        return HealthCheck(name, "warning", words, "Stop guests, or move them to another host.")
    return HealthCheck(name, "ok", words)


def mirrors(blocks: Path = Path("/sys/class/block")) -> HealthCheck | None:
    """Whether every MD array has all its members; None on a host without arrays.

    The kernel's own count (``md/degraded``, Documentation/admin-guide/md.rst) is read.
    """
    arrays = sorted(blocks.glob("md*/md/degraded"))
    if not arrays:
        return None
    name = "Mirrors"
    lost = {path.parent.parent.name: int(path.read_text()) for path in arrays}
    degraded = [f"{array} lacks {missing}" for array, missing in lost.items() if missing]
    if degraded:
        return HealthCheck(
            name,
            "failed",
            f"A disk of the mirror is missing: {', '.join(degraded)}.",
            "The host runs on what is left. Replace the disk; see `cat /proc/mdstat`.",
        )
    rebuilding = [
        path.parent.parent.name
        for path in arrays
        if (path.parent / "sync_action").read_text().strip() in ("recover", "resync", "frozen")
    ]
    if rebuilding:
        words = f"Being made alike: {', '.join(rebuilding)}."
        return HealthCheck(name, "warning", words, "Wait; `cat /proc/mdstat` shows how far it is.")
    return HealthCheck(name, "ok", "All disks of the mirrors are there.")


SIMPLE_CHECKS: tuple[Callable[[], HealthCheck | None], ...] = (
    mirrors,
    time_synchronised,
    failed_units,
    space,
    memory,
    host_document,
)
