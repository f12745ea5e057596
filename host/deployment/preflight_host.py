"""Preflight of the host itself: virtualization, libvirt, processors, memory, clock, versions."""

from __future__ import annotations

from foundation.failure import Failure
from host.deployment.descriptor import kept_on
from host.deployment.preflight_check import Check, Preflight, Situation

_MIB = 1 << 20
_LEFT_FOR_HOST = 1024  # MiB that the host itself goes on needing
_LARGEST_OFFSET = 5.0  # seconds; certificates and tokens are checked by the clock


def _virtualization(now: Situation) -> Preflight:
    found = now.virtualization()
    if found.accelerator == "kvm":
        return Preflight("virtualization", "ok", found.reason)
    if found.accelerator == "tcg":
        return Preflight(
            "virtualization",
            "warning",
            found.reason,
            "Switch VT-x or AMD-V on in the firmware; for a trial, the Manager runs all the same.",
        )
    return Preflight(
        "virtualization",
        "failed",
        found.reason,
        "Install QEMU, or switch virtualization on in the firmware.",
    )


def _libvirt(now: Situation) -> Preflight:
    domain = now.machine.manager.domains.find(now.request.name)
    if domain is not None:
        return Preflight(
            "guest",
            "failed",
            f"libvirt already has a guest {now.request.name}: {domain.state}.",
            "Choose another name, or remove that guest.",
        )
    return Preflight("guest", "ok", f"libvirt answers, and the name {now.request.name} is free.")


def _known(now: Situation) -> Preflight:
    kept = kept_on(now.machine)
    if kept is None:
        return Preflight("manager", "ok", "This host knows of no Manager yet.")
    return Preflight(
        "manager",
        "failed",
        f"This host already has a Manager: {kept.descriptor.name} at {kept.descriptor.ip}.",
        "See `flexvdi-config manager status`; export or remove it first.",
    )


def _processors(now: Situation) -> Preflight:
    there = now.machine.manager.capacity.processors()
    wanted = now.request.vcpus or _least(now, "vcpus", 1)
    if wanted > there:
        return Preflight(
            "processors",
            "warning",
            f"{wanted} are wanted, and this host has {there}.",
            "Give the Manager fewer, or expect it to be slow.",
        )
    return Preflight("processors", "ok", f"{wanted} of {there}.")


def _memory(now: Situation) -> Preflight:
    total, available = (amount // _MIB for amount in now.machine.manager.capacity.memory())
    least = _least(now, "memory", 512)
    wanted = now.request.memory or least
    measured = f"{wanted} MiB are wanted; {available} of {total} MiB are available."
    if wanted < least:
        words = f"{wanted} MiB are wanted, and the image needs at least {least} MiB."
        return Preflight("memory", "failed", words, f"Give it {least} MiB or more.")
    if wanted > available:
        return Preflight("memory", "failed", measured, "Stop guests, or give the Manager less.")
    if wanted + _LEFT_FOR_HOST > available:
        return Preflight(
            "memory", "warning", measured, "Little is left for other guests and the host itself."
        )
    return Preflight("memory", "ok", measured)


def _clock(now: Situation) -> Preflight:
    clock = now.machine.clock
    offset = clock.offset()
    if offset is not None and abs(offset) > _LARGEST_OFFSET:
        return Preflight(
            "clock",
            "failed",
            f"The clock is off by {offset:+.1f} s.",
            "See `flexvdi-config time show`; certificates would not be accepted.",
        )
    if not clock.synchronised():
        return Preflight(
            "clock",
            "warning",
            "The clock does not follow a time server.",
            "See `flexvdi-config time show`; certificates are checked by the clock.",
        )
    return Preflight("clock", "ok", f"It follows a time server, {offset or 0.0:+.3f} s off.")


def _versions(now: Situation) -> Preflight:
    if isinstance(now.image, Failure):
        return Preflight("versions", "unknown", "There is no image to compare.")
    host, image = now.host_version, now.image.version
    if _major(host) == _major(image):
        return Preflight("versions", "ok", f"Host {host}, image {image}.")
    return Preflight(
        "versions",
        "warning",
        f"This host is of version {host}, the Manager image of {image}.",
        "Use the image that belongs to this host; another one may not understand its Agent.",
    )


def _least(now: Situation, name: str, otherwise: int) -> int:
    return otherwise if isinstance(now.image, Failure) else int(getattr(now.image, name))


def _major(version: str) -> str:
    return version.partition(".")[0]


CHECKS: tuple[tuple[str, Check], ...] = (
    ("virtualization", _virtualization),
    ("guest", _libvirt),
    ("manager", _known),
    ("processors", _processors),
    ("memory", _memory),
    ("clock", _clock),
    ("versions", _versions),
)
