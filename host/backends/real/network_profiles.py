"""The profiles that NetworkManager has loaded, where they are up, and having them as they were.

After the D-Bus interfaces ``…Settings.Connection``, ``…Connection.Active`` and ``…Device``.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

from foundation.failure import Failure
from host.backends.real.bus import NETWORK_MANAGER, Bus, BusFailure
from host.machine.network import LoadedProfile

log = logging.getLogger("flexvdi.network")

SETTINGS_PATH = "/org/freedesktop/NetworkManager/Settings"
SETTINGS = "org.freedesktop.NetworkManager.Settings"
CONNECTION = f"{SETTINGS}.Connection"
ACTIVE = "org.freedesktop.NetworkManager.Connection.Active"
DEVICE = "org.freedesktop.NetworkManager.Device"
ACTIVATED = 2  # NMActiveConnectionState
ENDED = (3, 4)
_UP = (1, ACTIVATED)
_VIRTUAL_KINDS = (10, 11, 13)  # NMDeviceType: bond, VLAN, bridge
_COMPARED = ("802-3-ethernet", "bond", "bridge", "vlan", "ipv4", "ipv6")
_COMPARED_OF_CONNECTION = ("controller", "master", "slave-type", "port-type")
_LOWER_FIRST = {"802-3-ethernet": 0, "bond": 1, "vlan": 2, "bridge": 3}
_WAIT = 20.0
_UNKNOWN_CONNECTION = "org.freedesktop.NetworkManager.Settings.InvalidConnection"

Settings = Mapping[str, Mapping[str, tuple[str, Any]]]


def loaded_profiles(bus: Bus) -> tuple[LoadedProfile, ...]:
    """Every profile, with the device it is up on."""
    devices = {uuid: name for uuid, name, _path in _active(bus)}
    found = []
    for path in bus.call(
        NETWORK_MANAGER, "ListConnections", path=SETTINGS_PATH, interface=SETTINGS
    ):
        try:
            settings = settings_of(bus, path)
            file = bus.get(NETWORK_MANAGER, "Filename", path=path, interface=CONNECTION)
        except BusFailure:  # it went away meanwhile
            continue
        connection = {key: value for key, (_type, value) in settings["connection"].items()}
        found.append(
            LoadedProfile(
                uuid=connection["uuid"],
                name=connection["id"],
                kind=connection["type"],
                interface=connection.get("interface-name", ""),
                file=str(file),
                autoconnect=connection.get("autoconnect", True),
                device=devices.get(connection["uuid"]),
                controller=connection.get("master") or connection.get("controller"),
            )
        )
    return tuple(found)


def settings_of(bus: Bus, connection: str) -> Settings:
    """The settings of a profile, by its object's path."""
    settings: Settings = bus.call(
        NETWORK_MANAGER, "GetSettings", path=connection, interface=CONNECTION
    )
    return settings


def devices_by_name(bus: Bus) -> dict[str, str]:
    """Object paths of all devices by the kernel's names."""
    return {
        str(bus.get(NETWORK_MANAGER, "Interface", path=path, interface=DEVICE)): str(path)
        for path in bus.call(NETWORK_MANAGER, "GetDevices")
    }


def deactivate(bus: Bus, uuids: tuple[str, ...]) -> None:
    """Take profiles down where they are up."""
    for uuid, _name, path in _active(bus):
        if uuid in uuids:
            try:
                bus.call(NETWORK_MANAGER, "DeactivateConnection", "o", path)
            except BusFailure as failure:  # it went down by itself meanwhile
                log.info("%s: %s", uuid, failure.cause)
    _wait_until(lambda: not any(uuid in uuids for uuid, _name, _path in _active(bus)))


def restore(bus: Bus, before: tuple[LoadedProfile, ...], devices: tuple[str, ...]) -> None:
    """Bring up what was up ``before``, and remove virtual devices that are new and idle."""
    ordered = sorted(before, key=lambda one: _LOWER_FIRST.get(one.kind, 9))
    # Ports come up with their controllers, so they are looked at when those are up.
    for group in (
        [one for one in ordered if one.controller is None],
        [one for one in ordered if one.controller is not None],
    ):
        for profile in group:
            if not _is_up_as_it_says(bus, profile):
                _activate(bus, profile)
    _remove_idle(bus, devices)


def activate_again(bus: Bus, device: str) -> None:
    """Bring the profile of a device up anew; raises Failure when none is up there."""
    for profile in loaded_profiles(bus):
        if profile.device == device:
            connection = connection_of(bus, profile.uuid)
            active = bus.call(
                NETWORK_MANAGER, "ActivateConnection", "ooo", connection or "/", "/", "/"
            )
            wait_for_activation(bus, str(active), profile.name)
            return
    raise Failure(
        f"No profile of NetworkManager's is up on {device}.",
        "`flexvdi-config network show` tells the state of every interface.",
    )


def _remove_idle(bus: Bus, devices: tuple[str, ...]) -> None:
    for name, path in devices_by_name(bus).items():
        if name in devices:
            continue
        try:
            kind = bus.get(NETWORK_MANAGER, "DeviceType", path=path, interface=DEVICE)
            active = bus.get(NETWORK_MANAGER, "ActiveConnection", path=path, interface=DEVICE)
            if kind in _VIRTUAL_KINDS and not _belongs_to_a_profile_on_disk(bus, active):
                bus.call(NETWORK_MANAGER, "Delete", path=path, interface=DEVICE)
        except BusFailure as failure:  # it went away with its profile
            log.info("%s is not removed: %s", name, failure.cause)


def _belongs_to_a_profile_on_disk(bus: Bus, active: str) -> bool:
    """Not so for nothing at all, and for what NetworkManager makes up for devices it found."""
    if active == "/":
        return False
    connection = bus.get(NETWORK_MANAGER, "Connection", path=active, interface=ACTIVE)
    file = str(bus.get(NETWORK_MANAGER, "Filename", path=connection, interface=CONNECTION))
    return bool(file) and not file.startswith("/run/")


def _is_up_as_it_says(bus: Bus, profile: LoadedProfile) -> bool:
    connection = connection_of(bus, profile.uuid)
    return connection is not None and is_in_force(bus, connection)


def is_in_force(bus: Bus, connection: str) -> bool:
    """Whether a profile is up, and its device is set up as it says now."""
    device = _device_of(bus, connection)
    return device is not None and _is_applied(bus, device, connection)


def _is_applied(bus: Bus, device: str, connection: str) -> bool:
    try:
        applied, _version = bus.call(
            NETWORK_MANAGER, "GetAppliedConnection", "u", 0, path=device, interface=DEVICE
        )
        wanted = settings_of(bus, connection)
    except BusFailure:
        return False
    return _essence(applied) == _essence(wanted)


def _essence(settings: Settings) -> dict[str, Any]:
    essence: dict[str, Any] = {name: dict(settings[name]) for name in _COMPARED if name in settings}
    connection = settings["connection"]
    essence["connection"] = {
        key: connection[key] for key in _COMPARED_OF_CONNECTION if key in connection
    }
    return essence


def _activate(bus: Bus, profile: LoadedProfile) -> None:
    """Bring a profile up; a failure is logged, as NetworkManager goes on trying."""
    try:
        connection = connection_of(bus, profile.uuid)
        if connection is None:
            log.warning("%s does not come back: it has no profile any more", profile.name)
            return
        bring_up(bus, connection, profile.name, profile.device or "")
    except BusFailure as failure:
        log.warning("%s does not come back: %s", profile.name, failure.cause)


def connection_of(bus: Bus, uuid: str) -> str | None:
    """The object of the profile with this UUID; None when it is not loaded."""
    try:
        return str(
            bus.call(
                NETWORK_MANAGER,
                "GetConnectionByUuid",
                "s",
                uuid,
                path=SETTINGS_PATH,
                interface=SETTINGS,
            )
        )
    except BusFailure as failure:
        if failure.error == _UNKNOWN_CONNECTION:
            return None
        raise


def bring_up(bus: Bus, connection: str, name: str, device: str = "") -> None:
    """Have a profile in force: in place if it is up already and that can be done, else anew.

    In place, addresses change without the link going down, and a bridge keeps its ports.
    """
    where = _device_of(bus, connection)
    if where is not None and _reapply(bus, where):
        return
    path = devices_by_name(bus).get(device, "/")
    active = bus.call(NETWORK_MANAGER, "ActivateConnection", "ooo", connection, path, "/")
    wait_for_activation(bus, str(active), name)


def _reapply(bus: Bus, device: str) -> bool:
    try:
        bus.call(NETWORK_MANAGER, "Reapply", "a{sa{sv}}tu", {}, 0, 0, path=device, interface=DEVICE)
    except BusFailure as failure:  # what differs cannot be changed in place
        log.info("a device is brought up anew: %s", failure.cause)
        return False
    return True


def _device_of(bus: Bus, connection: str) -> str | None:
    """The object of the device that a profile is up on."""
    for _uuid, name, path in _active(bus):
        try:
            profile = bus.get(NETWORK_MANAGER, "Connection", path=path, interface=ACTIVE)
        except BusFailure:  # it ended meanwhile
            continue
        if profile == connection:
            return devices_by_name(bus).get(name)
    return None


def wait_for_activation(bus: Bus, active: str, name: str) -> None:
    """Until it is up, or has failed, or has taken too long; the latter two are only logged."""

    state = 0

    def has_settled() -> bool:
        nonlocal state
        try:
            state = bus.get(NETWORK_MANAGER, "State", path=active, interface=ACTIVE)
        except BusFailure:  # the object goes away when the activation has ended
            state = ENDED[-1]
        return state == ACTIVATED or state in ENDED

    if not (_wait_until(has_settled) and state == ACTIVATED):
        log.warning("%s has not come up yet; NetworkManager goes on trying", name)


def _wait_until(holds: Any) -> bool:
    deadline = time.monotonic() + _WAIT
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def _active(bus: Bus) -> list[tuple[str, str, str]]:
    """(profile's UUID, device's name, object) of every activation that is up or coming up."""
    found = []
    for path in bus.get(NETWORK_MANAGER, "ActiveConnections"):
        try:
            if bus.get(NETWORK_MANAGER, "State", path=path, interface=ACTIVE) not in _UP:
                continue
            uuid = str(bus.get(NETWORK_MANAGER, "Uuid", path=path, interface=ACTIVE))
            for device in bus.get(NETWORK_MANAGER, "Devices", path=path, interface=ACTIVE):
                name = bus.get(NETWORK_MANAGER, "Interface", path=device, interface=DEVICE)
                found.append((uuid, str(name), str(path)))
        except BusFailure:  # it ended meanwhile
            continue
    return found
