"""Backups of a Manager's state, kept beside its disks: made now, each day, and taken back.

The Manager itself makes them, whole and consistent, while it runs; the host fetches the file from
the guest. How many are kept is bounded.
"""

from __future__ import annotations

import time
from typing import Any

from foundation.failure import Failure
from host.deployment.descriptor import Kept, kept_on
from host.deployment.guest_agent import APPLIANCE_PROGRAM, GuestAgent
from host.deployment.running import required, wait_until_answering
from host.deployment.waiting import progress_in
from host.deployment.work import Undertaking, Work, make_step
from host.jobs import JobStep
from host.machine import Machine

# Below the Manager's state folder: its user writes it.
_INSIDE = "/var/lib/flexvdi-manager/backup-for-host"
_SUFFIX = ".backup"
KEPT_BACKUPS = 14
_LONGEST = 3600.0  # seconds that restoring may take; as the appliance allows it
_ONCE_A_DAY = 20 * 3600  # seconds; less than a day, for timers are not exact


def back_up(work: Work) -> str:
    """Make one and return its path."""
    kept = _running(work.machine)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    target = kept.path(f"backups/{stamp}-{kept.descriptor.version}{_SUFFIX}")
    facts = {"target": target}
    undertaking = Undertaking("backup", "Back the Manager up", "manager backup", facts)
    work.run(undertaking, backup_steps(facts, work))
    return target


def backup_steps(facts: dict[str, Any], work: Work) -> tuple[JobStep, ...]:
    """Nothing is changed before the last one; going on begins anew."""
    images, target = work.machine.manager.images, facts["target"]

    def agent() -> GuestAgent:
        return GuestAgent(work.machine.manager.domains, _running(work.machine).descriptor.name)

    def fetch() -> None:
        kept = _running(work.machine)
        data = agent().fetch(_INSIDE, work.report)
        images.make_folder(kept.path("backups"))
        images.write(target, data)
        agent().run(("/usr/bin/rm", "-f", _INSIDE))
        for name in names(work.machine)[KEPT_BACKUPS:]:
            images.remove(kept.path(f"backups/{name}"))

    return (
        make_step(
            "backup/make",
            "Have the Manager back itself up",
            lambda: agent().run((APPLIANCE_PROGRAM, "backup", _INSIDE), _LONGEST),
        ),
        make_step("backup/fetch", f"Fetch the backup, and keep it as {target}", fetch),
    )


def back_up_if_due(work: Work) -> str | None:
    """Make one in the hour that was chosen, unless there is one of today already."""
    kept = kept_on(work.machine)
    if kept is None or kept.descriptor.backup_hour != time.localtime().tm_hour:
        return None
    domain = work.machine.manager.domains.find(kept.descriptor.name)
    if domain is None or domain.state != "running":
        return None  # it runs elsewhere, or is off on purpose
    latest = next(iter(names(work.machine)), "")
    if latest[:15] > time.strftime("%Y%m%d-%H%M%S", time.localtime(time.time() - _ONCE_A_DAY)):
        return None
    return back_up(work)


def names(machine: Machine) -> tuple[str, ...]:
    """The backups, the latest first."""
    kept = required(machine)
    entries = machine.manager.images.entries(kept.path("backups"))
    return tuple(sorted((name for name in entries if name.endswith(_SUFFIX)), reverse=True))


def restore(work: Work, backup: str) -> None:
    """Have the running Manager take a backup back; it refuses one of a newer version itself."""
    kept = _running(work.machine)
    path = backup if backup.startswith("/") else kept.path(f"backups/{backup}")
    if work.machine.manager.images.size(path) is None:
        raise Failure(f"There is no backup {path}.", "See `flexvdi-config manager backups`.")
    facts = {"path": path}
    title = f"Restore the Manager from {path}"
    work.run(Undertaking("restore", title, "manager restore", facts), restore_steps(facts, work))


def restore_steps(facts: dict[str, Any], work: Work) -> tuple[JobStep, ...]:
    """The Manager changes nothing before it has examined the whole file."""
    images, path = work.machine.manager.images, facts["path"]

    def agent() -> GuestAgent:
        return GuestAgent(work.machine.manager.domains, _running(work.machine).descriptor.name)

    told: list[int] = [0]

    def put() -> None:
        total = images.size(path) or 0
        agent().put(_INSIDE, images.pieces(path), total, work.report)

    def take() -> None:
        # What it tells from now on is that of the restored Manager, which may have another
        # authority than the one that was here.
        name = _running(work.machine).descriptor.name
        told[0] = len(progress_in(work.machine.manager.domains.console_text(name)))
        agent().run((APPLIANCE_PROGRAM, "restore", _INSIDE), _LONGEST)

    return (
        make_step("restore/put", "Carry it into the guest", put),
        make_step("restore/take", "Have the Manager take it back", take),
        make_step(
            "restore/wait",
            "Wait until it answers",
            lambda: wait_until_answering(work, told[0]),
        ),
    )


def _running(machine: Machine) -> Kept:
    kept = required(machine)
    domain = machine.manager.domains.find(kept.descriptor.name)
    if domain is None or domain.state != "running":
        raise Failure("The Manager does not run here.", "Start it: `flexvdi-config manager start`.")
    return kept
