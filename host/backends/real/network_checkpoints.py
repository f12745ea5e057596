"""NetworkManager's checkpoints, by which it puts the network back on its own.

After the D-Bus interface ``org.freedesktop.NetworkManager`` (CheckpointCreate and its kin). The
timer is NetworkManager's, so it outlives whoever made the checkpoint; it does not outlive
NetworkManager itself, which is told from the name on the bus having another owner.
"""

from __future__ import annotations

from foundation.failure import Failure
from host.backends.real.bus import MESSAGE_BUS, NETWORK_MANAGER, Bus, BusFailure
from host.machine.network import Checkpoint, CheckpointState

_DESTROY_ALL, _DELETE_NEW_CONNECTIONS = 0x1, 0x2
# A virtual device that is new goes away with its new profile. (Disconnecting new devices is to be
# had only with a checkpoint of all devices, which would bring up everything anew.)
_FLAGS = _DESTROY_ALL | _DELETE_NEW_CONNECTIONS
_UNKNOWN_DEVICE = "org.freedesktop.NetworkManager.UnknownDevice"
_DEVICE_RESULTS = ("is fine", "no longer exists", "is not managed", "could not be put back")


def open_checkpoint(devices: tuple[str, ...], seconds: int) -> Checkpoint:
    """Have NetworkManager put ``devices`` back in ``seconds``; absent ones are passed over.

    Ports that others put into a bridge, as libvirt does with guests' interfaces, stay in it.
    """
    with Bus() as bus:
        owner = _owner(bus)
        paths = [path for name in devices if (path := _device(bus, name))]
        path = bus.call(NETWORK_MANAGER, "CheckpointCreate", "aouu", paths, max(1, seconds), _FLAGS)
    return Checkpoint(str(path), owner)


def checkpoint_state(checkpoint: Checkpoint) -> CheckpointState:
    """Whether NetworkManager still has it."""
    with Bus() as bus:
        return _state(bus, checkpoint)


def extend_checkpoint(checkpoint: Checkpoint, seconds: int) -> None:
    """Let it run out ``seconds`` from now."""
    _call_on("CheckpointAdjustRollbackTimeout", "ou", checkpoint, max(1, seconds))


def discard_checkpoint(checkpoint: Checkpoint) -> None:
    """Keep what was changed."""
    _call_on("CheckpointDestroy", "o", checkpoint)


def roll_back(checkpoint: Checkpoint) -> bool:
    """Put things back now; False when it was no longer open."""
    with Bus(timeout=60.0) as bus:
        if _state(bus, checkpoint) != "open":
            return False
        results = bus.call(NETWORK_MANAGER, "CheckpointRollback", "o", checkpoint.path)
    failed = [
        f"{device.rpartition('/')[2]} {_DEVICE_RESULTS[result]}"
        for device, result in results.items()
        if result == len(_DEVICE_RESULTS) - 1
    ]
    if failed:
        raise Failure(
            f"NetworkManager could not put everything back: {', '.join(failed)}.",
            "See `journalctl -u NetworkManager`.",
        )
    return True


def _call_on(method: str, signature: str, checkpoint: Checkpoint, *arguments: int) -> None:
    with Bus() as bus:
        if _state(bus, checkpoint) != "open":
            raise Failure(
                "NetworkManager no longer holds the old network in readiness.",
                "See `flexvdi-config job list` for what became of the change.",
            )
        bus.call(NETWORK_MANAGER, method, signature, checkpoint.path, *arguments)


def _state(bus: Bus, checkpoint: Checkpoint) -> CheckpointState:
    try:
        if _owner(bus) != checkpoint.owner:
            return "lost"
    except BusFailure:  # it is not running
        return "lost"
    known = bus.get(NETWORK_MANAGER, "Checkpoints")
    return "open" if checkpoint.path in known else "gone"


def _owner(bus: Bus) -> str:
    return str(bus.call(MESSAGE_BUS, "GetNameOwner", "s", NETWORK_MANAGER.name))


def _device(bus: Bus, name: str) -> str | None:
    try:
        return str(bus.call(NETWORK_MANAGER, "GetDeviceByIpIface", "s", name))
    except BusFailure as failure:
        if failure.error == _UNKNOWN_DEVICE:
            return None
        raise
