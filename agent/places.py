"""The places of a host that hold images and media: mounts of its document, and libvirt's pools."""

from __future__ import annotations

from agent.protocol.inventory import StorageFacts
from foundation.failure import Failure
from host.api import HostApi

# Free space is told in steps of this part of the whole: inventories are not for every block.
_STEP = 1 / 200


def storages_of(host: HostApi) -> tuple[StorageFacts, ...]:
    """Mounts, then pools; a part that does not answer says so."""
    found: list[StorageFacts] = []
    try:
        for mount in host.storage.mounts():
            size, free = _told(mount.size, mount.free)
            found.append(
                StorageFacts(
                    name=mount.name,
                    kind=mount.purpose,
                    state=mount.state,
                    size=size,
                    free=free,
                    reason=mount.reason,
                )
            )
    except Failure as failure:
        found.append(_silent("mounts", failure))
    try:
        for pool in host.storage.pools():
            size, free = _told(pool.capacity, pool.free)
            state = "running" if pool.active else "off"
            found.append(
                StorageFacts(name=pool.name, kind=pool.kind, state=state, size=size, free=free)
            )
    except Failure as failure:
        found.append(_silent("pools", failure))
    return tuple(found)


def _told(size: int, free: int) -> tuple[int | None, int | None]:
    if size <= 0:
        return None, None
    step = max(int(size * _STEP), 1)
    return size, free // step * step


def _silent(name: str, failure: Failure) -> StorageFacts:
    return StorageFacts(name=name, kind="", state="unknown", reason=failure.cause)
