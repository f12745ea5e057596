"""Maintenance: a host that starts no guests by itself, and says who wanted that, and why.

libvirt starts at boot what is marked so. In maintenance these marks are taken away and the names
kept, so that whoever looks with virsh sees the truth, and they come back afterwards. What
libvirt-guests would start again after a reboot is kept from it by its own setting.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict

from foundation.failure import Failure
from host.audit import Actor, record
from host.document.system_files import FileContent
from host.machine import Machine
from host.machine.files import Files
from host.status import Maintenance

MAINTENANCE_FILE = "var/lib/flexvdi/maintenance.json"
LIBVIRT_GUESTS_FILE = "var/lib/flexvdi/libvirt-guests.conf"
_LONGEST_REASON = 200


def maintenance_of(files: Files) -> Maintenance | None:
    """The maintenance the host is in; None when it is in service."""
    content = files.read(MAINTENANCE_FILE)
    if content is None:
        return None
    try:
        known = json.loads(content.text)
        return Maintenance(**{**known, "guests": tuple(known["guests"])})
    except (ValueError, TypeError, KeyError):
        return Maintenance("unknown", f"/{MAINTENANCE_FILE} is damaged.", 0.0)


def enter_maintenance(machine: Machine, reason: str, actor: Actor) -> Maintenance:
    """Note it first, then take the marks away: killed in between, leaving puts all back."""
    reason = " ".join(reason.split())
    if not reason:
        raise Failure("Maintenance needs a reason.", "Say why, so that others know.")
    if len(reason) > _LONGEST_REASON:
        raise Failure(f"The reason is longer than {_LONGEST_REASON} characters.", "Shorten it.")
    before = maintenance_of(machine.files)
    guests = machine.guests.autostarted()
    kept = before.guests if before is not None else ()
    now = Maintenance(
        str(actor),
        reason,
        before.since if before is not None else time.time(),
        tuple(sorted({*kept, *guests})),
    )
    machine.files.put(MAINTENANCE_FILE, FileContent(json.dumps(asdict(now)) + "\n"))
    machine.files.put(LIBVIRT_GUESTS_FILE, FileContent("ON_BOOT=ignore\n"))
    for guest in guests:
        machine.guests.set_autostart(guest, False)
    words = f"In maintenance: {reason}"
    record(actor, "maintenance", "done", words, verb="maintenance enter", reason=reason)
    return now


def leave_maintenance(machine: Machine, actor: Actor) -> None:
    """Put the marks back, then forget about it."""
    known = maintenance_of(machine.files)
    if known is None:
        raise Failure("This host is not in maintenance.")
    for guest in known.guests:
        machine.guests.set_autostart(guest, True)
    machine.files.put(LIBVIRT_GUESTS_FILE, None)
    machine.files.put(MAINTENANCE_FILE, None)
    record(actor, "maintenance", "done", "Back in service.", verb="maintenance leave")
