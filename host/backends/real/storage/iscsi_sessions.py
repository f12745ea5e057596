"""The kernel's iSCSI sessions, read from sysfs (Documentation/ABI, iscsi_session)."""

from __future__ import annotations

from pathlib import Path

from host.storage_values import ISCSISession

SYS = Path("/sys")


def read_sessions(sys: Path = SYS) -> tuple[ISCSISession, ...]:
    """Every session, with its disks."""
    folders = [
        folder
        for folder in (sys / "class/iscsi_session").glob("session*")
        if folder.name[7:].isdigit()
    ]
    return tuple(_session(sys, folder) for folder in sorted(folders, key=lambda f: int(f.name[7:])))


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
