"""The kernel's iSCSI sessions, read from sysfs (Documentation/ABI, iscsi_session)."""

from __future__ import annotations

from pathlib import Path

from host.storage_values import ISCSISession

SYS = Path("/sys")
_HIGHEST_TAG = 0xFFFF


def read_sessions(sys: Path = SYS) -> tuple[ISCSISession, ...]:
    """Every session, with its disks."""
    folders = [
        folder
        for folder in (sys / "class/iscsi_session").glob("session*")
        if folder.name[7:].isdigit()
    ]
    return tuple(_session(sys, folder) for folder in sorted(folders, key=lambda f: int(f.name[7:])))


def read_portal_group(target: str, portal: str, sys: Path = SYS) -> int | None:
    """The tag of the portal's group, as the target gave it to a session; None without a session."""
    for folder in (sys / "class/iscsi_session").glob("session*"):
        session = _session(sys, folder) if folder.name[7:].isdigit() else None
        if session is not None and (session.target, session.portal) == (target, portal):
            return portal_group_tag(_text(folder / "tpgt"))
    return None


def portal_group_tag(text: str) -> int | None:
    """A tag in digits as a number; None for one that is not known, which open-iscsi writes as -1.

    It has 16 bits (RFC 3720, 12.9).
    """
    return int(text) if text.isdigit() and int(text) <= _HIGHEST_TAG else None


def _session(sys: Path, folder: Path) -> ISCSISession:
    number = int(folder.name[7:])
    connections = sorted((sys / "class/iscsi_connection").glob(f"connection{number}:*"))
    host = port = ""
    for connection in connections[:1]:
        host = _text(connection / "persistent_address") or _text(connection / "address")
        port = _text(connection / "persistent_port") or _text(connection / "port")
    disks = sorted(disk.name for disk in folder.glob("device/target*/*/block/*"))
    return ISCSISession(
        id=number,
        target=_text(folder / "targetname"),
        portal=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        interface=_text(folder / "ifacename"),
        state=_text(folder / "state"),
        disks=tuple(disks),
    )


def _text(file: Path) -> str:
    try:
        text = file.read_text().strip()
    except OSError:  # a session that is just ending
        return ""
    return "" if text == "(null)" else text
