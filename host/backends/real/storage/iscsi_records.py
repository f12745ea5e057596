"""open-iscsi's record files: what is kept of targets and of portals that are asked.

iscsiadm takes settings on its command line, where everybody could read a CHAP secret. So records
are made by iscsiadm, which fills in the defaults of this machine, and what the document decides is
then set in the record's file. The files are iscsiadm's own (``name = value`` between two comment
lines), readable by root only, and read again at every log-in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from foundation.atomic_file import write_atomically
from foundation.failure import Failure
from foundation.process_errors import explain
from host.document.storage import Chap
from host.document.storage_names import parse_portal
from host.machine.iscsi import DEFAULT_INTERFACE, NodeAddress

_SESSION = "node.session."
MANAGED = (
    "node.startup",
    "node.conn[0].startup",
    f"{_SESSION}timeo.replacement_timeout",
    f"{_SESSION}auth.authmethod",
    f"{_SESSION}auth.username",
    f"{_SESSION}auth.password",
    f"{_SESSION}auth.username_in",
    f"{_SESSION}auth.password_in",
)
"""The settings of a record that the document decides; the others stay iscsiadm's."""

_AUTH = ("authmethod", "username", "password", "username_in", "password_in")


def discovery_settings(chap: Chap | None) -> dict[str, str | None]:
    """The settings with which a portal is asked; None takes one away."""
    known = _authentication(chap)
    prefix = "discovery.sendtargets."
    quick: dict[str, str | None] = {f"{prefix}reopen_max": "1", f"{prefix}timeo.login_timeout": "8"}
    return {**quick, **{f"{prefix}auth.{name}": known.get(name) for name in _AUTH}}


def _authentication(chap: Chap | None) -> dict[str, str]:
    if chap is None:
        return {"authmethod": "None"}
    values = {
        "authmethod": "CHAP",
        "username": chap.username,
        "password": chap.password.reveal(),
    }
    if chap.target_username is not None and chap.target_password is not None:
        values["username_in"] = chap.target_username
        values["password_in"] = chap.target_password.reveal()
    return values


def parse_record(text: str) -> dict[str, str]:
    """The settings of a record."""
    settings = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            settings[name.strip()] = value.strip()
    return settings


def changed_record(text: str, settings: Mapping[str, str | None]) -> str:
    """A record with ``settings`` in force, all others as they are; None takes one away."""
    lines = [line for line in text.splitlines() if line.partition("=")[0].strip() not in settings]
    end = next((n for n, line in enumerate(lines) if line.startswith("# END RECORD")), len(lines))
    lines[end:end] = [f"{name} = {value}" for name, value in settings.items() if value is not None]
    return "\n".join(lines) + "\n"


class RecordFiles:
    """The folder in which iscsiadm keeps its records (``/etc/iscsi``, ``/var/lib/iscsi``)."""

    def __init__(self, folder: Path) -> None:
        """``folder`` may lack everything: there are no records then."""
        self._folder = folder

    def addresses(self) -> Iterator[NodeAddress]:
        """Every way to a target that has a record."""
        nodes = self._folder / "nodes"
        for file in sorted((*nodes.glob("*/*/*"), *nodes.glob("*/*"))):
            if not file.is_file():
                continue
            with_group = file.parent.parent.parent == nodes
            target, place = (file.parent.parent, file.parent) if with_group else (file.parent, file)
            found = re.fullmatch(r"([^,]+),(\d+)(,-?\d+)?", place.name)
            if found and with_group == bool(found[3]):
                host, port = found[1], found[2]
                portal = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
                interface = file.name if with_group else _interface_in(file)
                yield NodeAddress(target.name, portal, interface)

    def node(self, address: NodeAddress) -> Path | None:
        """The file of a record; None when there is none.

        The portal group is the target's own. While it is not known, which is so of a record that
        was made by hand, iscsiadm keeps the record in a file in the place of the group's folder.
        """
        host, port = parse_portal(address.portal)
        plain = self._folder / "nodes" / address.target / f"{host},{port}"
        if plain.is_file() and _interface_in(plain) == address.interface:
            return plain
        files = sorted((self._folder / "nodes" / address.target).glob(f"*/{address.interface}"))
        for file in files:
            if file.parent.name.rpartition(",")[0] == f"{host},{port}":
                return file
        return None

    def portal_group(self, address: NodeAddress) -> int | None:
        """The group of the portal that the folder of this record, or of one beside it, names."""
        host, port = parse_portal(address.portal)
        for folder in sorted((self._folder / "nodes" / address.target).glob("*,*,*")):
            place, _comma, group = folder.name.rpartition(",")
            if folder.is_dir() and place == f"{host},{port}" and group.isdigit():
                return int(group)
        return None

    def without_group(self, address: NodeAddress) -> Path | None:
        """The record to the same portal, from whichever interface, that is kept without a group."""
        host, port = parse_portal(address.portal)
        file = self._folder / "nodes" / address.target / f"{host},{port}"
        return file if file.is_file() else None

    def give_group(self, file: Path, group: int) -> None:
        """Move a record that is kept without a group to where there is room for others beside it.

        Killed in between, it leaves the record in both places; the next time ends it.
        """
        place = file.parent / f"{file.name},{group}" / _interface_in(file)
        write_record(place, changed_record(read_record(file), {"node.tpgt": str(group)}))
        file.unlink()

    def portal(self, portal: str) -> Path:
        """The file with which a portal is asked."""
        host, port = parse_portal(portal)
        return self._folder / "send_targets" / f"{host},{port}" / "st_config"

    def interface(self, name: str) -> Path:
        """The file of an open-iscsi interface."""
        return self._folder / "ifaces" / name


def _interface_in(file: Path) -> str:
    """The open-iscsi interface that a record names."""
    return parse_record(read_record(file)).get("iface.iscsi_ifacename", DEFAULT_INTERFACE)


def read_record(file: Path) -> str:
    """A record's text; raises Failure."""
    try:
        return file.read_text()
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}.", "Do it as root.") from error


def write_record(file: Path, text: str) -> None:
    """Replace a record by ``text``, readable by root only; raises Failure."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(file, text, 0o600)
    except OSError as error:
        cause, remedy = explain("iscsiadm", 1, error.strerror or str(error))
        raise Failure(f"{file} could not be written. {cause}", remedy) from error
