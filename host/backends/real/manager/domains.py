"""Domains of this machine, by libvirt (host.machine.manager.domains.Domains)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from foundation.failure import Failure
from host.backends.real.manager.domain_console import RealConsole
from host.machine.manager.domains import Console, Domain, DomainState

SYSTEM_URI = "qemu:///system"
_REMEDY = "See `systemctl status libvirtd virtqemud`."
_STATES: tuple[DomainState, ...] = (  # virDomainState
    "unknown",
    "running",
    "running",  # blocked on a resource
    "paused",
    "shutting down",
    "shut off",
    "crashed",
    "unknown",  # suspended by the guest's power management
)
# virDomainRunningReason, virDomainPausedReason, virDomainShutoffReason: what a person can use
_REASONS: dict[tuple[int, int], str] = {
    (1, 1): "it was started",
    (1, 2): "it has come from another host",
    (1, 3): "it was restored",
    (3, 1): "a person paused it",
    (3, 2): "it is being moved to another host",
    (3, 5): "its storage failed: no room, or it is away",
    (3, 6): "its watchdog went off",
    (3, 9): "its snapshot is being taken",
    (5, 1): "it shut down by itself",
    (5, 2): "it was forced off",
    (5, 3): "it crashed",
    (5, 4): "it moved to another host",
    (5, 5): "it was saved",
    (5, 6): "it could not be started",
    (5, 8): "libvirt ended it",
}
_LARGEST_LOG = 1 << 20
_AGENT_SECONDS = 10


class RealDomains:
    """The QEMU driver behind ``uri``."""

    def __init__(self, uri: str = SYSTEM_URI) -> None:
        """``uri`` differs only where libvirt is tried."""
        self._uri = uri

    def find(self, name: str) -> Domain | None:
        """With its inactive definition, that of the next start."""
        import libvirt

        with self._connection() as connection:
            domain = _lookup(connection, name)
            if domain is None:
                return None
            state, reason = domain.state()
            return Domain(
                name,
                _STATES[state] if state < len(_STATES) else "unknown",
                _REASONS.get((state, reason), ""),
                bool(domain.autostart()) if domain.isPersistent() else False,
                domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE),
            )

    def define(self, xml: str) -> None:
        """Checked against libvirt's schema."""
        import libvirt

        with self._connection() as connection:
            connection.defineXMLFlags(xml, libvirt.VIR_DOMAIN_DEFINE_VALIDATE)

    def undefine(self, name: str) -> None:
        """With what libvirt keeps beside it."""
        import libvirt

        with self._connection() as connection:
            domain = _lookup(connection, name)
            if domain is not None:
                domain.undefineFlags(
                    libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
                    | libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
                    | libvirt.VIR_DOMAIN_UNDEFINE_NVRAM
                )

    def start(self, name: str) -> None:
        """virDomainCreate."""
        with self._domain(name) as domain:
            if not domain.isActive():
                domain.create()

    def shut_down(self, name: str) -> None:
        """Whichever way libvirt finds."""
        with self._domain(name) as domain:
            if domain.isActive():
                domain.shutdown()

    def force_off(self, name: str) -> None:
        """virDomainDestroy."""
        with self._connection() as connection:
            domain = _lookup(connection, name)
            if domain is not None and domain.isActive():
                domain.destroy()

    def set_autostart(self, name: str, on: bool) -> None:
        """virDomainSetAutostart."""
        with self._domain(name) as domain:
            domain.setAutostart(int(on))

    def display(self, name: str) -> str:
        """From the live definition."""
        with self._domain(name) as domain:
            if not domain.isActive():
                return ""
            for graphics in ElementTree.fromstring(domain.XMLDesc()).iter("graphics"):
                port = graphics.get("port") or graphics.get("tlsPort") or ""
                if port not in ("", "-1"):
                    return f"{graphics.get('type')}://{graphics.get('listen', '127.0.0.1')}:{port}"
        return ""

    def console_text(self, name: str) -> str:
        """The end of the log that virtlogd keeps for the definition's serial port."""
        log = self._console_log(name)
        if log is None:
            return ""
        try:
            with log.open("rb") as stream:
                size = stream.seek(0, 2)
                stream.seek(max(0, size - _LARGEST_LOG))
                return stream.read().decode(errors="replace")
        except OSError:
            return ""

    def renew_console(self, name: str) -> None:
        """virtlogd opens the file at the next start; until then it is nobody's."""
        log = self._console_log(name)
        if log is None:
            return
        try:
            log.replace(log.with_name(f"{log.name}.previous"))
        except FileNotFoundError:
            return
        except OSError as error:
            raise Failure(
                f"{log} cannot be put aside: {error.strerror}.", "See that its storage is there."
            ) from error

    def _console_log(self, name: str) -> Path | None:
        domain = self.find(name)
        log = ElementTree.fromstring(domain.xml).find("./devices/serial/log") if domain else None
        return Path(log.get("file", "")) if log is not None else None

    def open_console(self, name: str) -> Console:
        """A stream of its own connection, which lives as long as the console."""
        import libvirt

        connection = _opened(self._uri)
        try:
            domain = _lookup(connection, name)
            if domain is None or not domain.isActive():
                raise Failure(f"{name} is not running.", "Start it, then open its console.")
            stream = connection.newStream(libvirt.VIR_STREAM_NONBLOCK)
            domain.openConsole(None, stream, libvirt.VIR_DOMAIN_CONSOLE_FORCE)
            return RealConsole(connection, stream)
        except libvirt.libvirtError as error:
            connection.close()
            raise _failure(error) from error
        except Failure:
            connection.close()
            raise

    def ask_agent(self, name: str, command: str, arguments: Mapping[str, Any]) -> Any:
        """Through libvirt, which takes care of the channel."""
        import libvirt_qemu

        asked = json.dumps({"execute": command, "arguments": dict(arguments)})
        with self._domain(name) as domain:
            answer = libvirt_qemu.qemuAgentCommand(domain, asked, _AGENT_SECONDS, 0)
        return json.loads(answer)["return"]

    def migrate(self, name: str, destination: str) -> None:
        """Peer to peer; it stays defined here until it is there, and then no more.

        Its memory, which holds the platform's keys, goes through libvirt's own connection, which
        is encrypted: hosts open no port for it, and need not know each other by name.
        """
        import libvirt

        flags = (
            libvirt.VIR_MIGRATE_LIVE
            | libvirt.VIR_MIGRATE_PEER2PEER
            | libvirt.VIR_MIGRATE_TUNNELLED
            | libvirt.VIR_MIGRATE_PERSIST_DEST
            | libvirt.VIR_MIGRATE_UNDEFINE_SOURCE
            | libvirt.VIR_MIGRATE_AUTO_CONVERGE
            | libvirt.VIR_MIGRATE_ABORT_ON_ERROR
        )
        with self._domain(name) as domain:
            domain.migrateToURI3(destination, {}, flags)

    @contextmanager
    def _domain(self, name: str) -> Iterator[Any]:
        with self._connection() as connection:
            domain = _lookup(connection, name)
            if domain is None:
                raise Failure(
                    f"libvirt knows no guest {name}.", "See `flexvdi-config manager status`."
                )
            yield domain

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        connection = _opened(self._uri)
        import libvirt

        try:
            yield connection
        except libvirt.libvirtError as error:
            raise _failure(error) from error
        finally:
            connection.close()


def _opened(uri: str) -> Any:
    try:
        import libvirt
    except ImportError as error:
        raise Failure("libvirt's Python binding is missing.", _REMEDY) from error
    libvirt.registerErrorHandler(lambda _context, _error: None, None)
    try:
        return libvirt.open(uri)
    except libvirt.libvirtError as error:
        words = (error.get_error_message() or "no reason given").rstrip(".")
        raise Failure(f"libvirt does not answer: {words}.", _REMEDY) from error


def _lookup(connection: Any, name: str) -> Any:
    import libvirt

    try:
        return connection.lookupByName(name)
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
            return None
        raise


def _failure(error: Any) -> Failure:
    """What libvirt says, with what to do where that is known."""
    words = (error.get_error_message() or "no reason given").rstrip(".")
    for sign, remedy in _REMEDIES:
        if sign in words.lower():
            return Failure(f"libvirt: {words}.", remedy)
    return Failure(f"libvirt: {words}.", _REMEDY)


_DISK_IN_USE = "The disk is in use, here or on another host; see where the guest runs."
_REMEDIES = (
    ("is locked", _DISK_IN_USE),  # virtlockd's word
    ('" lock', _DISK_IN_USE),  # QEMU's: failed to get "write" lock
    ("cannot allocate memory", "Give the guest less memory, or stop other guests."),
    ("permission denied", "QEMU's user must be able to enter every folder above the disk."),
    ("no such file", "See that the storage is mounted: `flexvdi-config mounts show`."),
    ("kvm", "See `flexvdi-config manager preflight`; virtualization may be off in the firmware."),
    ("bridge", "See `flexvdi-config network show`; the bridge must exist."),
    ("guest agent", "Its system may still be starting, or has no guest agent."),
    ("unable to connect", "See that the other host's libvirt can be reached from here."),
)
