"""Preflight of what the Manager is made of: its image, and the storage it is written to."""

from __future__ import annotations

from foundation.failure import Failure
from host.deployment.descriptor import DESCRIPTOR_NAME
from host.deployment.preflight_check import Check, Preflight, Situation
from host.machine.manager.images import StorageAway, StorageTrial

_GIB = 1 << 30
_RESERVE = 1 << 30  # bytes that stay free for the first days of a Manager
_SLOW_FSYNC = 0.02  # seconds; a database commits at this speed
_TOO_SLOW_FSYNC = 0.5


def _image(now: Situation) -> Preflight:
    if isinstance(now.image, Failure):
        return Preflight("image", "failed", now.image.cause, now.image.remedy)
    found = now.machine.manager.images.digest(now.image.path, lambda _done, _total: None)
    if found != now.image.sha256:
        return Preflight(
            "image",
            "failed",
            f"{now.image.path} is damaged: its SHA-256 is not that of its manifest.",
            "Copy image and manifest once more from the install medium.",
        )
    size = now.image.size / _GIB
    return Preflight(
        "image", "ok", f"Version {now.image.version} on {now.image.base}, {size:.2f} GiB, intact."
    )


def _storage(now: Situation) -> tuple[Preflight, ...]:
    request = now.request
    try:
        names = now.machine.manager.images.entries(request.place)
    except StorageAway as failure:
        return (Preflight("folder", "failed", failure.cause, failure.remedy),)
    if names:
        words = "a Manager" if DESCRIPTOR_NAME in names else "other files"
        return (
            Preflight(
                "folder",
                "failed",
                f"{request.place} already holds {words}.",
                "Adopt that Manager (`manager adopt`), or choose another name or folder.",
            ),
        )
    trial = now.machine.manager.images.try_storage(request.folder)
    if trial.failed:
        return (
            Preflight(
                "folder",
                "failed",
                f"{request.folder} cannot be used: {trial.failed}.",
                "See `flexvdi-config mounts show`, and choose a folder on storage that is there.",
            ),
        )
    return (
        Preflight("folder", "ok", f"{request.place} is free, on {_kind(trial)}."),
        _space(now, trial),
        _speed(trial),
        _locking(trial),
    )


def _kind(trial: StorageTrial) -> str:
    shared = "shared" if trial.shared else "local"
    return f"{shared} storage ({trial.filesystem or 'of an unknown kind'})"


def _space(now: Situation, trial: StorageTrial) -> Preflight:
    """Room for the image now, and for the data disk when it is full."""
    image = 0 if isinstance(now.image, Failure) else now.image.size
    data = _GIB * (
        now.request.data_disk or (1 if isinstance(now.image, Failure) else now.image.data_disk_gib)
    )
    free, needed = trial.free, image + _RESERVE
    if free < needed:
        return Preflight(
            "space",
            "failed",
            f"{free / _GIB:.1f} GiB are free, and at least {needed / _GIB:.1f} GiB are needed.",
            "Make room, or choose other storage.",
        )
    if free < image + data:
        return Preflight(
            "space",
            "warning",
            f"{free / _GIB:.1f} GiB are free; with a full data disk the Manager takes "
            f"{(image + data) / _GIB:.1f} GiB.",
            "Watch the space: a Manager without room stops.",
        )
    return Preflight("space", "ok", f"{free / _GIB:.1f} GiB are free.")


def _speed(trial: StorageTrial) -> Preflight:
    words = f"An fsync takes {trial.fsync_seconds * 1000:.1f} ms."
    if trial.fsync_seconds > _TOO_SLOW_FSYNC:
        return Preflight(
            "speed", "failed", words, "No database works on this; choose other storage."
        )
    if trial.fsync_seconds > _SLOW_FSYNC:
        return Preflight(
            "speed", "warning", words, "The Manager will be slow; choose faster storage."
        )
    return Preflight("speed", "ok", words)


def _locking(trial: StorageTrial) -> Preflight:
    if trial.locks:
        return Preflight("locking", "ok", "Locks hold.")
    if trial.shared:
        return Preflight(
            "locking",
            "failed",
            "Locks do not hold here, so nothing would keep two hosts from starting the Manager.",
            "Mount it with locking (NFS 4, or without `nolock`).",
        )
    return Preflight("locking", "warning", "Locks do not hold here.", "Choose another filesystem.")


CHECKS: tuple[tuple[str, Check], ...] = (("image", _image), ("folder", _storage))
