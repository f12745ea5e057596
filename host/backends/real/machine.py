"""The files and services of this host, as planning and applying see them (host.plan.Machine)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from foundation.atomic_file import write_atomically
from foundation.failure import Failure
from foundation.process import run
from foundation.process_errors import explain
from host.apply import file_at
from host.backends.real import network_manager
from host.backends.real.bus import HOSTNAMED, SYSTEMD, TIMEDATED, Bus, BusFailure
from host.document.model import HostDocument
from host.document.system_files import FileContent
from host.plan import PartName

log = logging.getLogger("flexvdi.machine")

_CONSOLE_UNITS = ("console-setup.service", "systemd-vconsole-setup.service")
_DEFAULT_SERVICES: Mapping[str, str] = {"ssh": "ssh.service", "chrony": "chrony.service"}


class RealMachine:
    """This host. ``services`` maps our names to unit names, as the image's release says."""

    def __init__(
        self,
        services: Mapping[str, str] | None = None,
        places: Mapping[str, str] | None = None,
        root: Path = Path("/"),
    ) -> None:
        """``root`` differs from ``/`` only where files alone are looked at."""
        self.places: Mapping[str, str] = places or {}
        self._services = {**_DEFAULT_SERVICES, **(services or {})}
        self._root = root

    def permanent_macs(self) -> Mapping[str, str]:
        """Addresses of the wired ports that have hardware of their own, from sysfs.

        A port in a bond shows the bond's address there; the bond driver keeps the port's own.
        """
        macs = {}
        for port in sorted(Path("/sys/class/net").glob("*/device")):
            own = port.parent / "bonding_slave/perm_hwaddr"
            source = own if own.exists() else port.parent / "address"
            macs[port.parent.name] = source.read_text().strip()
        return macs

    def file(self, path: str) -> FileContent | None:
        """What is at ``path``; raises Failure when it cannot be read."""
        try:
            return file_at(self._root / path)
        except OSError as error:
            raise Failure(f"/{path} cannot be read: {error.strerror}.", "Do it as root.") from error

    def put_file(self, path: str, content: FileContent | None) -> None:
        """Replace, link or remove; atomically. Raises Failure with cause and remedy."""
        target = self._root / path
        try:
            if content is None:
                target.unlink(missing_ok=True)
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            if content.link is not None:
                beside = target.parent / f".{target.name}.new"
                beside.unlink(missing_ok=True)
                beside.symlink_to(content.link)
                beside.replace(target)
            else:
                data = content.text.encode(errors="surrogateescape")
                write_atomically(target, data, content.mode)
        except OSError as error:
            cause, remedy = explain("flexvdi-config", 1, error.strerror or str(error))
            raise Failure(f"/{path} could not be written. {cause}", remedy) from error

    def folder(self, path: str) -> tuple[str, ...]:
        """The names in ``path``."""
        try:
            return tuple(sorted(entry.name for entry in (self._root / path).iterdir()))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise Failure(f"/{path} cannot be read: {error.strerror}.", "Do it as root.") from error

    def is_active(self, part: PartName, document: HostDocument) -> bool:
        """Whether the daemons already say what the document says."""
        look = self._looks().get(part)
        return look(document) if look else True

    def activate(self, part: PartName, document: HostDocument, changed: tuple[str, ...]) -> None:
        """Tell the part's daemon."""
        if part == "network":
            network_manager.load_and_activate(document.network, changed)
        else:
            self._actions()[part](document)

    def _looks(self) -> dict[PartName, Callable[[HostDocument], bool]]:
        return {
            "identity": _has_name,
            "time": _has_timezone,
            "ssh": lambda document: self._ssh_is(document.access.ssh),
            "network": lambda document: network_manager.knows_profiles(document.network),
        }

    def _actions(self) -> dict[PartName, Callable[[HostDocument], None]]:
        return {
            "identity": _set_name,
            "keyboard": lambda document: _restart_first(_CONSOLE_UNITS),
            "time": _set_time,
            "ssh": self._set_ssh,
        }

    def _ssh_is(self, wanted: bool) -> bool:
        with Bus() as bus:
            try:
                state = bus.call(SYSTEMD, "GetUnitFileState", "s", self._services["ssh"])
            except BusFailure as failure:
                if failure.error.endswith(("NoSuchUnit", "FileNotFound")):
                    return not wanted
                raise
        return bool((state == "enabled") == wanted)

    def _set_ssh(self, document: HostDocument) -> None:
        unit = self._services["ssh"]
        with Bus() as bus:
            if document.access.ssh:
                bus.call(SYSTEMD, "EnableUnitFiles", "asbb", [unit], False, True)
                bus.call(SYSTEMD, "Reload")
                bus.call(SYSTEMD, "ReloadOrRestartUnit", "ss", unit, "replace")
            else:
                bus.call(SYSTEMD, "DisableUnitFiles", "asb", [unit], False)
                bus.call(SYSTEMD, "Reload")
                bus.call(SYSTEMD, "StopUnit", "ss", unit, "replace")


def _has_timezone(document: HostDocument) -> bool:
    with Bus() as bus:
        return str(bus.get(TIMEDATED, "Timezone")) == document.time.timezone


def _has_name(document: HostDocument) -> bool:
    name = document.identity.hostname
    with Bus() as bus:
        names = {str(bus.get(HOSTNAMED, kind)) for kind in ("StaticHostname", "Hostname")}
    return names == {name}


def _set_name(document: HostDocument) -> None:
    with Bus() as bus:
        for method in ("SetStaticHostname", "SetHostname"):
            bus.call(HOSTNAMED, method, "sb", document.identity.hostname, False)


def _set_time(document: HostDocument) -> None:
    with Bus() as bus:
        bus.call(TIMEDATED, "SetTimezone", "sb", document.time.timezone, False)
        if bus.get(TIMEDATED, "LocalRTC") == document.time.utc:
            bus.call(TIMEDATED, "SetLocalRTC", "bbb", not document.time.utc, False, False)
    try:
        run(["chronyc", "reload", "sources"], timeout=15)
    except Failure as failure:  # chrony reads its sources when it starts; health shows whether
        log.warning("chrony did not take its new sources yet: %s", failure.cause)


def _restart_first(units: tuple[str, ...]) -> None:
    """Restart the first of ``units`` that this base has."""
    with Bus() as bus:
        for unit in units:
            path = bus.call(SYSTEMD, "LoadUnit", "s", unit)
            interface = "org.freedesktop.systemd1.Unit"
            if bus.get(SYSTEMD, "LoadState", path=path, interface=interface) == "loaded":
                bus.call(SYSTEMD, "RestartUnit", "ss", unit, "replace")
                return
