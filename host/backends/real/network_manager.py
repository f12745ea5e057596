"""NetworkManager: making it load the document's profiles and bring them up.

Follows the D-Bus interface ``org.freedesktop.NetworkManager`` of versions 1.42 and newer.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping

from foundation.failure import Failure
from host.backends.real.bus import NETWORK_MANAGER, Bus, BusFailure
from host.document.network import VLAN, Bond, Bridge, Interface, Network
from host.document.network_profiles import ANY_PORT, profile_file, profile_uuid

log = logging.getLogger("flexvdi.network")

_SETTINGS_PATH = "/org/freedesktop/NetworkManager/Settings"
_SETTINGS = "org.freedesktop.NetworkManager.Settings"
_ACTIVE = "org.freedesktop.NetworkManager.Connection.Active"
_ACTIVATED = 2  # NMActiveConnectionState
_ENDED = (3, 4)
_WAIT = 20.0
_UNKNOWN_CONNECTION = "org.freedesktop.NetworkManager.Settings.InvalidConnection"
_NO_DEVICE = (
    "org.freedesktop.NetworkManager.UnknownDevice",
    "org.freedesktop.NetworkManager.Device.IncompatibleConnection",
)


def knows_profiles(network: Network) -> bool:
    """Whether NetworkManager has loaded a profile for every interface of ``network``."""
    names = [interface.name for interface in network.interfaces] or [ANY_PORT]
    with Bus() as bus:
        return all(_connection(bus, name) is not None for name in names)


def load_and_activate(network: Network, changed_files: tuple[str, ...]) -> None:
    """Have the profiles on disk loaded, and those that changed brought up.

    A port whose device is absent, or an address that does not come in time, is logged and left to
    NetworkManager, which goes on trying. Raises Failure when it refuses a profile.
    """
    with Bus(timeout=60.0) as bus:
        bus.call(NETWORK_MANAGER, "ReloadConnections", path=_SETTINGS_PATH, interface=_SETTINGS)
        for interface in to_activate(network, changed_files):
            _bring_up(bus, interface)


def to_activate(network: Network, changed_files: tuple[str, ...]) -> list[Interface]:
    """The interfaces to bring up after ``changed_files`` changed: lower ones first, ports never.

    A port comes up with its controller, so a changed port stands for its controller here.
    """
    names = {path.rpartition("/")[2] for path in changed_files}
    by_name = {interface.name: interface for interface in network.interfaces}
    controller = {
        port: interface.name
        for interface in network.interfaces
        if isinstance(interface, Bond | Bridge)
        for port in interface.ports
    }
    chosen: set[str] = set()
    for name in {*by_name, *controller}:
        if profile_file(name) in names:
            while name in controller:
                name = controller[name]
            chosen.add(name)
    interfaces = [by_name[name] for name in by_name if name in chosen]
    return sorted(
        (interface for interface in interfaces if interface.activate),
        key=lambda interface: _depth(interface, by_name),
    )


def _depth(interface: Interface, by_name: Mapping[str, Interface]) -> int:
    if isinstance(interface, Bond | Bridge):
        lower = interface.ports
    elif isinstance(interface, VLAN):
        lower = (interface.parent,)
    else:
        lower = ()
    return 1 + max((_depth(by_name[name], by_name) for name in lower if name in by_name), default=0)


def _connection(bus: Bus, name: str) -> str | None:
    try:
        path: str = bus.call(
            NETWORK_MANAGER,
            "GetConnectionByUuid",
            "s",
            profile_uuid(name),
            path=_SETTINGS_PATH,
            interface=_SETTINGS,
        )
    except BusFailure as failure:
        if failure.error == _UNKNOWN_CONNECTION:
            return None
        raise
    return path


def _bring_up(bus: Bus, interface: Interface) -> None:
    connection = _connection(bus, interface.name)
    if connection is None:
        raise Failure(
            f"NetworkManager refuses the profile of {interface.name}.",
            "See `journalctl -u NetworkManager` for the reason.",
        )
    try:
        active = bus.call(NETWORK_MANAGER, "ActivateConnection", "ooo", connection, "/", "/")
    except BusFailure as failure:
        if failure.error in _NO_DEVICE:
            log.warning("%s is not brought up: %s", interface.name, failure.cause)
            return
        raise
    deadline = time.monotonic() + _WAIT
    while time.monotonic() < deadline:
        try:
            state = bus.get(NETWORK_MANAGER, "State", path=active, interface=_ACTIVE)
        except BusFailure:  # the object goes away when the activation has ended
            state = _ENDED[-1]
        if state == _ACTIVATED:
            return
        if state in _ENDED:
            break
        time.sleep(0.2)
    log.warning("%s has not come up yet; NetworkManager goes on trying", interface.name)
