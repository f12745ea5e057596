"""What each verb of the protocol does on the host; all of them can be done twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from threading import Event
from typing import Any

from agent.protocol.commands import Because, NewBridge, OneGuest, Power
from foundation.failure import Failure
from host.api import HostApi
from host.api.operation import GuestAction
from host.audit import Actor
from host.document.interfaces import Bridge
from host.status import PowerAction

Progress = Callable[[str, "float | None"], None]
_CONFIRM_WITHIN = 90  # seconds


@dataclass(frozen=True)
class Task:
    """A command as its verb sees it. ``still_connected`` says whether the Manager can hear us."""

    host: HostApi
    actor: Actor
    cancel: Event
    progress: Progress
    still_connected: Callable[[float], bool]


def enter_maintenance(task: Task, arguments: Because) -> dict[str, Any]:
    """Guests go on running; the host starts none by itself any more."""
    known = task.host.enter_maintenance(arguments.reason, task.actor)
    return {"guests": list(known.guests)}


def leave_maintenance(task: Task, _arguments: Any) -> dict[str, Any]:
    """Nothing to do for a host that is in service."""
    if task.host.maintenance() is not None:
        task.host.leave_maintenance(task.actor)
    return {}


def _power(action: PowerAction) -> Callable[[Task, Power], dict[str, Any]]:
    def act(task: Task, arguments: Power) -> dict[str, Any]:
        situation = task.host.power_situation()
        if situation.guests and not arguments.with_guests:
            raise Failure(
                f"Guests run on this host: {situation.guests}.",
                "Move or stop them first, or say that they may be stopped.",
            )
        task.host.power(action, task.actor, arguments.reason)
        return {}

    return act


def _guest(action: GuestAction) -> Callable[[Task, OneGuest], dict[str, Any]]:
    def act(task: Task, arguments: OneGuest) -> dict[str, Any]:
        task.host.operation.act_on_guest(arguments.uuid, action, task.actor)
        return {}

    return act


def create_bridge(task: Task, arguments: NewBridge) -> dict[str, Any]:
    """Add a bridge to the document and apply it; it goes back if the Manager is lost by it."""
    document = task.host.document()
    network = document.network
    present = network.interface(arguments.name)
    if present is not None:
        if isinstance(present, Bridge):
            return {"created": False}
        raise Failure(
            f"{arguments.name} is a {present.kind} on this host, no bridge.",
            "Give the bridge another name, on all hosts alike.",
        )
    if not network.interfaces:
        raise Failure(
            "The network of this host is not described in its document: every port asks DHCP, "
            "and would not any more with a bridge described.",
            "Describe the network first, in flexVDI Config: Network.",
        )
    if arguments.port is not None:
        port = network.interface(arguments.port)
        if port is not None and port.has_addressing:
            raise Failure(
                f"{arguments.port} carries addresses of the host, which a bridge would take over.",
                "Make this bridge at the host's console: Network, Bridges.",
            )
    ports = (arguments.port,) if arguments.port is not None else ()
    bridge = Bridge.model_validate(
        {
            "name": arguments.name,
            "ports": ports,
            "ipv4": {"method": "disabled"},
            "ipv6": {"method": "disabled"},
        }
    )
    changed = type(network).model_validate(
        {**dict(network), "interfaces": (*network.interfaces, bridge)}
    )
    task.progress("Making the bridge", None)
    made = task.host.apply(
        document.replacing(network=changed),
        task.actor,
        cancel=task.cancel,
        confirm_timeout=_CONFIRM_WITHIN,
    )
    if made is not None and made.state == "unconfirmed":
        task.progress("Waiting for the Manager to be heard again", None)
        if not task.still_connected(_CONFIRM_WITHIN / 2):
            task.host.revert(task.actor)
            raise Failure(
                "With this bridge the Manager could not be reached; it was taken back.",
                "Make it at the host's console, where you see what it does.",
            )
        task.host.confirm(task.actor)
    return {"created": True}


def diagnose(task: Task, _arguments: Any) -> dict[str, Any]:
    """What the host finds wrong with itself, looked at anew."""
    return {"checks": [asdict(check) for check in task.host.status().checks]}


VERBS: dict[str, Callable[[Task, Any], dict[str, Any]]] = {
    "maintenance.enter": enter_maintenance,
    "maintenance.leave": leave_maintenance,
    "power.reboot": _power("reboot"),
    "power.off": _power("poweroff"),
    "guest.start": _guest("start"),
    "guest.shut-down": _guest("shut-down"),
    "guest.force-off": _guest("force-off"),
    "bridge.create": create_bridge,
    "diagnose": diagnose,
}
