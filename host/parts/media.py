"""libvirt's storage pools: one for each mount that holds disk images or ISO images."""

from __future__ import annotations

from typing import Any

from foundation.failure import Failure
from host.change import Change, PartPlan
from host.document.model import HostDocument
from host.jobs import JobStep
from host.machine import Machine
from host.storage_values import PoolStatus


class MediaPart:
    """See host.parts.Part."""

    name = "media"
    title = "Storage pools for images and media"
    rank = 140

    def plan(
        self, wanted: HostDocument, current: HostDocument | None, machine: Machine
    ) -> PartPlan:
        """Compare libvirt's pools with what the document names, now and before."""
        paths = pool_paths(wanted)
        leaving = [name for name in pool_paths(current) if name not in paths] if current else []
        if not paths and not leaving:
            return PartPlan()
        try:
            found = {pool.name: pool for pool in machine.storage.pools.pools()}
        except Failure:  # libvirt does not answer: health says so, and applying, where it matters
            if current is not None and pool_paths(current) == paths:
                return PartPlan()
            found = {}
        changes: list[Change] = []
        steps: list[JobStep] = []
        for name in leaving:
            if name in found:
                changes.append(Change(self.name, f"Pool {name}: remove it; its files stay"))
                steps.append(_step(name, None, machine))
        for name, path in paths.items():
            if not _is_as_wanted(found.get(name), path):
                changes.append(Change(self.name, f"Pool {name}: libvirt uses {path}"))
                steps.append(_step(name, path, machine))
        return PartPlan(tuple(changes), tuple(steps))

    def undo(self, step: str, found: dict[str, Any], machine: Machine) -> None:
        """Have the pool as it was."""
        if found["path"]:
            machine.storage.pools.define(found["pool"], found["path"])
        else:
            machine.storage.pools.remove(found["pool"])


def pool_paths(document: HostDocument) -> dict[str, str]:
    """The directory of each pool that a document stands for."""
    mounts = document.storage.all_mounts()
    return {mount.name: mount.path for mount in mounts if mount.purpose != "other"}


def _is_as_wanted(pool: PoolStatus | None, path: str) -> bool:
    return pool is not None and pool.path == path and pool.autostart


def _step(name: str, path: str | None, machine: Machine) -> JobStep:
    pools = machine.storage.pools

    def found() -> PoolStatus | None:
        return {pool.name: pool for pool in pools.pools()}.get(name)

    def capture() -> dict[str, Any]:
        pool = found()
        return {"pool": name, "path": pool.path if pool is not None else ""}

    def do() -> None:
        if path is None:
            pools.remove(name)
        else:
            pools.define(name, path)

    step = f"media/{name}"
    return JobStep(
        name=step,
        title=f"Pool {name}",
        is_done=lambda: _is_as_wanted(found(), path) if path else found() is None,
        capture=capture,
        do=do,
        undo=lambda before: PART.undo(step, before, machine),
    )


PART = MediaPart()
