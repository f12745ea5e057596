"""iSCSI through open-iscsi (host.machine.iscsi.ISCSIDaemon): iscsiadm, its records, sysfs."""

from __future__ import annotations

import errno
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from foundation.failure import Failure
from foundation.process import ProcessFailed, run
from foundation.secret import Secret
from host.backends.real.bus import SYSTEMD, Bus
from host.backends.real.storage.iscsi_records import (
    MANAGED,
    RecordFiles,
    changed_record,
    discovery_settings,
    parse_record,
    read_record,
    write_record,
)
from host.backends.real.storage.iscsi_sessions import (
    SYS,
    portal_group_tag,
    read_portal_group,
    read_sessions,
)
from host.document.storage import Chap
from host.document.storage_names import check_portal, parse_portal
from host.machine.iscsi import DEFAULT_INTERFACE, NodeAddress, NodeRecord
from host.storage_values import DiscoveredTarget, ISCSISession

DEFAULT_FOLDER = Path("/etc/iscsi")
_CONNECT_TIMEOUT = 5.0
_DISCOVERY_TIMEOUT = 60.0
_LOGIN_TIMEOUT = 90.0

# Exit statuses of iscsiadm(8).
_NOT_CONNECTED, _LOGIN_FAILED, _NO_TRANSPORT, _EXISTS = (4, 8, 11), (5, 19, 24), 12, 15
_NO_DAEMON, _NOTHING_FOUND = (18, 20), 21
_REFUSED_CREDENTIALS = 24


class RealISCSI:
    """This machine as an initiator."""

    def __init__(self, folder: Path = DEFAULT_FOLDER, sys: Path = SYS) -> None:
        """``folder`` is where this base's iscsiadm keeps its records."""
        self._files = RecordFiles(folder)
        self._sys = sys

    def records(self) -> tuple[NodeAddress, ...]:
        """All addresses on record."""
        return tuple(self._files.addresses())

    def record(self, address: NodeAddress) -> NodeRecord | None:
        """The managed settings of a record."""
        file = self._files.node(address)
        if file is None:
            return None
        settings = parse_record(read_record(file))
        managed = {name: settings[name] for name in MANAGED if name in settings}
        return NodeRecord(address, managed, portal_group_tag(settings.get("node.tpgt", "")))

    def put_record(self, record: NodeRecord) -> None:
        """Have iscsiadm make it where it is missing, then set what is managed."""
        if self._files.node(record.address) is None:
            self._make(record)
        file = self._files.node(record.address)
        if file is None:
            raise Failure(
                f"iscsiadm made no record of {record.address.target}.",
                "See `iscsiadm --mode node` for the records there are.",
            )
        settings = {name: record.settings.get(name) for name in MANAGED}
        write_record(file, changed_record(read_record(file), settings))

    def _make(self, record: NodeRecord) -> None:
        """Have iscsiadm make a record, beside those from other interfaces to the same portal.

        Of a portal whose group it is not told, iscsiadm keeps one record and overwrites it
        (https://github.com/open-iscsi/open-iscsi/issues/461). So the first one is given its group,
        by which it gets a folder with room for others, before the second one is made.
        """
        address = record.address
        group = read_portal_group(address.target, address.portal, self._sys)
        if group is None:
            group = record.portal_group
        if group is None:
            group = self._files.portal_group(address)
        beside = self._files.without_group(address)
        if beside is not None:
            if group is None:
                group = self._asked_portal_group(address)
            self._files.give_group(beside, group)
        way = _of(
            address if group is None else replace(address, portal=f"{address.portal},{group}")
        )
        _iscsiadm(["--mode", "node", *way, "--op", "new"])

    def _asked_portal_group(self, address: NodeAddress) -> int:
        """What the portal says itself; raises Failure where it does not, or not to everybody."""
        for target, portal, group in _discovered(self._ask(address.portal, None)):
            if (target, portal) == (address.target, address.portal) and group is not None:
                return group
        raise Failure(
            f"There is a record of {address.target} at {address.portal} through another interface, "
            "and its portal group, without which there is room for one only, is not known.",
            f"Log in through that one first: `flexvdi-config iscsi login {address.target}`.",
        )

    def remove_record(self, address: NodeAddress) -> None:
        """Delete it."""
        if self._files.node(address) is not None:
            _iscsiadm(["--mode", "node", *_of(address), "--op", "delete"])

    def put_interface(self, name: str, network_interface: str) -> None:
        """Write the interface's record."""
        settings = {
            "iface.iscsi_ifacename": name,
            "iface.net_ifacename": network_interface,
            "iface.transport_name": "tcp",
        }
        file = self._files.interface(name)
        text = "# BEGIN RECORD\n# END RECORD\n"
        if not file.exists() or parse_record(read_record(file)) != settings:
            write_record(file, changed_record(text, dict(settings)))

    def restart(self) -> None:
        """Restart iscsid if it runs; its socket starts it otherwise when it is needed."""
        with Bus() as bus:
            bus.call(SYSTEMD, "TryRestartUnit", "ss", "iscsid.service", "replace")

    def sessions(self) -> tuple[ISCSISession, ...]:
        """From sysfs."""
        return read_sessions(self._sys)

    def login(self, address: NodeAddress) -> None:
        """See that somebody listens, then log in."""
        if any(session_is(session, address) for session in self.sessions()):
            return
        require_listener(address.portal)
        try:
            run(
                ["iscsiadm", "--mode", "node", *_of(address), "--login"],
                accept=(0, _EXISTS),
                timeout=_LOGIN_TIMEOUT,
            )
        except ProcessFailed as error:
            raise login_failure(address, error) from error
        run(["udevadm", "settle", "--timeout=20"], timeout=30, accept=(0, 1))

    def logout(self, address: NodeAddress) -> None:
        """Log out where there is a session."""
        if any(session_is(session, address) for session in self.sessions()):
            _iscsiadm(["--mode", "node", *_of(address), "--logout"], (0, _NOTHING_FOUND))

    def discover(self, portal: str, chap: Chap | None) -> tuple[DiscoveredTarget, ...]:
        """SendTargets, with records that are gone again afterwards."""
        portal = check_portal(portal)
        targets = parse_discovered(self._ask(portal, chap))
        if not targets:
            raise _no_targets(portal)
        return targets

    def _ask(self, portal: str, chap: Chap | None) -> str:
        """What iscsiadm prints of the targets of a portal."""
        require_listener(portal)
        db = ["--mode", "discoverydb", "--type", "sendtargets", "--portal", portal]
        file = self._files.portal(portal)
        before = read_record(file) if file.exists() else None
        _iscsiadm([*db, "--op", "new"])
        try:
            write_record(file, changed_record(read_record(file), discovery_settings(chap)))
            # Neither makes nor changes records of targets: those are of the document. Left alone,
            # it would ask from every open-iscsi interface, and fail with the first that is down.
            way = ["--interface", DEFAULT_INTERFACE]
            argv = ["iscsiadm", *db, *way, "--op", "nonpersistent", "--discover"]
            return run(argv, timeout=_DISCOVERY_TIMEOUT, secrets=_secrets_of(chap)).stdout
        except ProcessFailed as error:
            raise discovery_failure(portal, chap, error) from error
        finally:
            _put_back(file, before)

    def rescan(self) -> int:
        """Every session looks again."""
        sessions = self.sessions()
        if sessions:
            _iscsiadm(["--mode", "session", "--rescan"], (0, _NOTHING_FOUND))
        return len(sessions)


def parse_discovered(text: str) -> tuple[DiscoveredTarget, ...]:
    """iscsiadm's lines ``address:port,group name`` as targets, each with its portals."""
    portals: dict[str, list[str]] = {}
    for target, portal, _group in _discovered(text):
        known = portals.setdefault(target, [])
        if portal not in known:
            known.append(portal)
    return tuple(DiscoveredTarget(name, tuple(found)) for name, found in portals.items())


def _discovered(text: str) -> Iterator[tuple[str, str, int | None]]:
    """Target, portal and portal group of each line."""
    for line in text.splitlines():
        found = re.fullmatch(r"(\S+),(-?\d+) (\S+)", line.strip())
        if not found:
            continue
        try:
            portal = check_portal(found[1])
        except ValueError:  # not a portal this host could use
            continue
        yield found[3], portal, portal_group_tag(found[2])


def session_is(session: ISCSISession, address: NodeAddress) -> bool:
    """Whether a session is the one to ``address``."""
    interface = session.interface or DEFAULT_INTERFACE
    return (session.target, session.portal, interface) == (
        address.target,
        address.portal,
        address.interface,
    )


def require_listener(portal: str) -> None:
    """Return if somebody accepts connections at ``portal``; raise Failure with the reason if not.

    iscsiadm would try again and again before it says so, and in fewer words.
    """
    host, port = parse_portal(portal)
    try:
        socket.create_connection((host, port), timeout=_CONNECT_TIMEOUT).close()
    except TimeoutError as error:
        raise Failure(
            f"The portal {portal} does not answer.",
            f"Check its address, the cables and VLANs on the way, and any firewall (TCP {port}).",
        ) from error
    except socket.gaierror as error:
        raise Failure(
            f"The name {host} could not be resolved.", "Check the name and the DNS servers."
        ) from error
    except OSError as error:
        if error.errno == errno.ECONNREFUSED:
            raise Failure(
                f"{host} is there, but refuses connections to port {port}.",
                "Check the port, and that the iSCSI service of the storage runs.",
            ) from error
        raise Failure(
            f"The portal {portal} cannot be reached: {error.strerror or error}.",
            "Check the address and the routes to it.",
        ) from error


def discovery_failure(portal: str, chap: Chap | None, error: ProcessFailed) -> Failure:
    """Cause and remedy for a discovery that failed."""
    status, said = error.completed.returncode, error.completed.stderr
    if status == _NOTHING_FOUND:
        return _no_targets(portal)
    if status in _LOGIN_FAILED and _is_about_credentials(status, said):
        return _wrong_chap(f"The portal {portal}", chap is not None)
    return _common_failure(f"The portal {portal}", error)


def login_failure(address: NodeAddress, error: ProcessFailed) -> Failure:
    """Cause and remedy for a log-in that failed."""
    status, said = error.completed.returncode, error.completed.stderr
    if status in _LOGIN_FAILED and _is_about_credentials(status, said):
        return _wrong_chap(f"The target {address.target}", True)
    if status == _NOTHING_FOUND:
        return Failure(
            f"There is no record of {address.target} at {address.portal}.",
            "Apply the host document again; it makes the records.",
        )
    return _common_failure(f"The target {address.target} at {address.portal}", error)


def _is_about_credentials(status: int, said: str) -> bool:
    return status == _REFUSED_CREDENTIALS or bool(
        re.search(r"authenticat|authoriz|CHAP|\(0201\)|\(0202\)|02/0[12]", said, re.IGNORECASE)
    )


def _wrong_chap(what: str, tried: bool) -> Failure:
    if not tried:
        return Failure(
            f"{what} wants a user name and a secret (CHAP), and none was given.",
            "Give the ones that the storage has for this host.",
        )
    return Failure(
        f"{what} refuses the user name or secret (CHAP), or this host's name.",
        "Compare both with what the storage has for this host, and the initiator name with its "
        "list of allowed hosts.",
    )


def _no_targets(portal: str) -> Failure:
    return Failure(
        f"The portal {portal} answers, but offers this host no targets.",
        "Allow this host's initiator name on the storage (`flexvdi-config iscsi show` shows it).",
    )


def _common_failure(what: str, error: ProcessFailed) -> Failure:
    status = error.completed.returncode
    if status in _NOT_CONNECTED:
        return Failure(
            f"{what} accepts connections, but does not speak iSCSI in time.",
            "Check that the port is that of an iSCSI portal, and the load of the storage.",
            details=error.details,
        )
    if status == _NO_TRANSPORT:
        return Failure(
            "This kernel has no iSCSI over TCP.",
            "Load it with `modprobe iscsi_tcp`.",
            details=error.details,
        )
    if status in _NO_DAEMON:
        return Failure(
            "The iSCSI daemon does not answer.",
            "See `systemctl status iscsid.socket iscsid`.",
            details=error.details,
        )
    if status in _LOGIN_FAILED:
        return Failure(
            f"{what} refuses the log-in.",
            "See `journalctl -u iscsid`, and the log of the storage.",
            details=error.details,
        )
    return error


def _put_back(file: Path, before: str | None) -> None:
    """Leave the portal's record as it was, and no secret behind."""
    if before is not None:
        write_record(file, before)
        return
    file.unlink(missing_ok=True)
    with suppress(OSError):  # something else is in the folder
        file.parent.rmdir()


def _secrets_of(chap: Chap | None) -> list[Secret]:
    return [s for s in (chap.password, chap.target_password) if s] if chap else []


def _of(address: NodeAddress) -> list[str]:
    words = ["--targetname", address.target, "--portal", address.portal]
    return [*words, "--interface", address.interface]


def _iscsiadm(words: list[str], accept: tuple[int, ...] = (0,)) -> str:
    try:
        return run(["iscsiadm", *words], accept=accept, timeout=60).stdout
    except ProcessFailed as error:
        raise _common_failure("iSCSI", error) from error
