"""NetworkManager: making it load the document's profiles and bring them up.

Follows the D-Bus interface ``org.freedesktop.NetworkManager`` of versions 1.42 and newer.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from foundation.failure import Failure
from host.backends.real.bus import NETWORK_MANAGER, Bus, BusFailure
from host.backends.real.network_profiles import (
    SETTINGS,
    SETTINGS_PATH,
    bring_up,
    connection_of,
    is_in_force,
)
from host.document.network import Bond, Bridge, Interface, Network, below, ports_of
from host.document.network_profiles import ANY_PORT, profile_file, profile_uuid

log = logging.getLogger("flexvdi.network")

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
            _bring_up(bus, interface.name)
            _bring_ports_up(bus, interface, network, changed_files)


def reload_profiles(bus: Bus) -> None:
    """Have the files of profiles read again; what is up stays as it is."""
    bus.call(NETWORK_MANAGER, "ReloadConnections", path=SETTINGS_PATH, interface=SETTINGS)


def to_activate(network: Network, changed_files: tuple[str, ...]) -> list[Interface]:
    """The interfaces to bring up after ``changed_files`` changed: lower ones first, ports never.

    A port comes up below its controller, so a changed port stands for its controller here.
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


def _bring_ports_up(
    bus: Bus, controller: Interface, network: Network, changed_files: tuple[str, ...]
) -> None:
    """Those that changed: a controller that was up already does not bring them up by itself."""
    names = {path.rpartition("/")[2] for path in changed_files}
    for port in ports_of(controller):
        connection = _connection(bus, port) if profile_file(port) in names else None
        if connection is not None and not is_in_force(bus, connection):
            _bring_up(bus, port)
        described = network.interface(port)
        if described is not None:
            _bring_ports_up(bus, described, network, changed_files)


def _depth(interface: Interface, by_name: Mapping[str, Interface]) -> int:
    lower = (by_name[name] for name in below(interface) if name in by_name)
    return 1 + max((_depth(one, by_name) for one in lower), default=0)


def _connection(bus: Bus, name: str) -> str | None:
    return connection_of(bus, profile_uuid(name))


def _bring_up(bus: Bus, name: str) -> None:
    connection = _connection(bus, name)
    if connection is None:
        raise Failure(
            f"NetworkManager refuses the profile of {name}.",
            "See `journalctl -u NetworkManager` for the reason.",
        )
    try:
        bring_up(bus, connection, name)
    except BusFailure as failure:
        if failure.error not in _NO_DEVICE:
            raise
        log.warning("%s is not brought up: %s", name, failure.cause)
