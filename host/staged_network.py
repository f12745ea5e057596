"""Trying a network out: profiles that last until the next boot, and the way back from them.

The profiles are put below /run, where NetworkManager prefers them to those in /etc and where no
power cut leaves them. A checkpoint of NetworkManager's takes everything back when time runs out.
Keeping the network is writing the same profiles to /etc and dropping those below /run, which
NetworkManager takes for no change at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from foundation.failure import Failure
from host.document.network import Network, ports_of
from host.document.network_profiles import profile_uuid
from host.document.system_files import PROFILE_DIRECTORY, FileContent
from host.files_part import Contents, captured
from host.jobs import JobStep
from host.machine import Machine
from host.machine.network import Checkpoint, LoadedProfile
from host.network_profiles_found import parked, uuid_in

STAGING_DIRECTORY = "run/NetworkManager/system-connections"
STAGE_STEP = "network/stage"
KEEP_STEP = "network/keep"
LET_GO_STEP = "network/let-go"

# Activating may take this long in all; the checkpoint must not run out before it is done.
_SECONDS_TO_ACTIVATE = 240


def stage_step(changed: Contents, network: Network, machine: Machine, timeout: int) -> JobStep:
    """Bring the profiles in ``changed`` up for the time being.

    ``changed`` maps files below /etc to what they would be (None: removed). The checkpoint is
    made when the step's findings are written down, so that the journal knows it before anything
    is touched.
    """
    profiles = {path: new for path, new in changed.items() if path.startswith(PROFILE_DIRECTORY)}

    def capture() -> dict[str, Any]:
        touched = _touched_uuids(profiles, machine)
        before = machine.network.profiles()
        machine.network.arm_guard(timeout + _SECONDS_TO_ACTIVATE)
        checkpoint = machine.network.open_checkpoint(
            _touched_devices(touched, before, network), timeout + _SECONDS_TO_ACTIVATE
        )
        return {
            "checkpoint": asdict(checkpoint),
            "uuids": touched,
            "before": [asdict(one) for one in before if one.uuid in touched and one.device],
            "devices": list(machine.network.devices()),
            "guests": {name: list(on) for name, on in machine.network.guest_ports().items()},
        }

    def do() -> None:
        removed = []
        for path, content in profiles.items():
            name = path.rpartition("/")[2]
            text = content.text if content is not None else None
            if text is None:
                old = machine.files.read(path)
                text = parked(old.text if old is not None else "")
                removed.append(uuid_in(text))
            machine.files.put(f"{STAGING_DIRECTORY}/{name}", FileContent(text, 0o600))
        machine.network.reload()
        machine.network.deactivate(tuple(removed))
        machine.network.load_and_activate(network, tuple(changed))

    return JobStep(
        name=STAGE_STEP,
        title="Bring the network up for the time being",
        is_done=lambda: False,
        capture=capture,
        do=do,
        undo=lambda found: undo_staging(found, machine),
    )


def undo_staging(found: Mapping[str, Any], machine: Machine) -> None:
    """Put the network back as it was, from what the journal knows; may be called repeatedly."""
    machine.network.roll_back(Checkpoint(**found["checkpoint"]))
    drop_staged(tuple(found["uuids"]), machine)
    machine.network.restore(
        tuple(LoadedProfile(**one) for one in found["before"]),
        tuple(found["devices"]),
        {bridge: tuple(on) for bridge, on in found["guests"].items()},
    )


def drop_staged(uuids: tuple[str, ...], machine: Machine) -> None:
    """Remove the profiles below /run that hide those in /etc: ours, and NetworkManager's copies."""
    for name in machine.files.folder(STAGING_DIRECTORY):
        path = f"{STAGING_DIRECTORY}/{name}"
        content = machine.files.read(path)
        if content is not None and uuid_in(content.text) in uuids:
            machine.files.put(path, None)


def keep_step(changed: Contents, machine: Machine) -> JobStep:
    """Make the staged profiles those of every boot to come."""
    uuids = tuple(_touched_uuids(changed, machine))

    def do() -> None:
        for path, content in changed.items():
            machine.files.put(path, content)
        drop_staged(uuids, machine)
        machine.network.reload()

    return JobStep(
        name=KEEP_STEP,
        title="Keep the network",
        is_done=lambda: False,
        capture=lambda: captured({path: machine.files.read(path) for path in changed}),
        do=do,
        undo=lambda found: put_back_kept(found, machine),
    )


def put_back_kept(found: Mapping[str, Any], machine: Machine) -> None:
    """The files as they were before :func:`keep_step`; undoing the staging does the rest."""
    for path, content in found.items():
        machine.files.put(path, FileContent(**content) if content else None)


def check_checkpoint(found: Mapping[str, Any], machine: Machine) -> Checkpoint:
    """The checkpoint of a staged network; raises Failure when it has run out."""
    checkpoint = Checkpoint(**found["checkpoint"])
    if machine.network.checkpoint_state(checkpoint) == "gone":
        raise Failure(
            "The time to confirm ran out, and the old network came back.",
            "Apply the change again, with more time: --confirm-timeout.",
        )
    return checkpoint


def _touched_uuids(changed: Contents, machine: Machine) -> list[str]:
    """The UUIDs of all profiles that come, go or change."""
    uuids = []
    for path, content in changed.items():
        if path.startswith(PROFILE_DIRECTORY):
            old = machine.files.read(path)
            uuids += [uuid_in(one.text) for one in (content, old) if one is not None]
    return list(dict.fromkeys(filter(None, uuids)))


def _touched_devices(
    uuids: list[str], profiles: tuple[LoadedProfile, ...], network: Network
) -> tuple[str, ...]:
    """The devices that a change of these profiles touches, with what stands above and below."""
    names = [one.device or one.interface for one in profiles if one.uuid in uuids]
    for interface in network.interfaces:
        if profile_uuid(interface.name) in uuids:
            names += [interface.name, *ports_of(interface)]
    return tuple(dict.fromkeys(filter(None, names)))
