"""NetworkManager: making it load the document's profiles and bring them up.

Follows the D-Bus interface ``org.freedesktop.NetworkManager`` of versions 1.42 and newer.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from foundation.failure import Failure
from host.backends.real.bus import NETWORK_MANAGER, Bus, BusFailure
from host.backends.real.network_profiles import SETTINGS, SETTINGS_PATH, wait_for_activation
from host.document.network import Bond, Bridge, Interface, Network, below
from host.document.network_profiles import ANY_PORT, profile_file, profile_uuid

log = logging.getLogger("flexvdi.network")

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
        reload_profiles(bus)
        for interface in to_activate(network, changed_files):
            _bring_up(bus, interface)


def reload_profiles(bus: Bus) -> None:
    """Have the files of profiles read again; what is up stays as it is."""
    bus.call(NETWORK_MANAGER, "ReloadConnections", path=SETTINGS_PATH, interface=SETTINGS)


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
    lower = (by_name[name] for name in below(interface) if name in by_name)
    return 1 + max((_depth(one, by_name) for one in lower), default=0)


def _connection(bus: Bus, name: str) -> str | None:
    try:
        path: str = bus.call(
            NETWORK_MANAGER,
            "GetConnectionByUuid",
            "s",
            profile_uuid(name),
            path=SETTINGS_PATH,
            interface=SETTINGS,
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
    wait_for_activation(bus, str(active), interface.name)
