"""The system's journal: records whose parts are fields of their own, and a handler for logging.

Written in journald's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): one datagram for each
record, or, where that would be too large, the descriptor of a sealed file in memory. So tracebacks
of many lines stay one record, and never come near a screen.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import socket
import struct
from array import array
from collections.abc import Mapping
from pathlib import Path

from foundation.secret import mask_living

SOCKET = Path("/run/systemd/journal/socket")
_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL
# syslog(3), by the least level of logging that has it.
_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
_DEBUG = 7


def send(fields: Mapping[str, str], to: Path | None = None) -> None:
    """Write one record; raises OSError where no journal takes it.

    Names are capital letters, digits and underscores. No value may hold a secret.
    """
    data = b"".join(_field(name, value) for name, value in fields.items())
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.connect(str(to or SOCKET))
        try:
            line.send(data)
        except OSError as error:
            if error.errno not in (errno.EMSGSIZE, errno.ENOBUFS):
                raise
            _send_as_file(line, data)


def _send_as_file(line: socket.socket, data: bytes) -> None:
    descriptor = os.memfd_create("journal", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
    try:
        with os.fdopen(os.dup(descriptor), "wb") as stream:
            stream.write(data)
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
        rights = array("i", [descriptor]).tobytes()
        line.sendmsg([b""], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
    finally:
        os.close(descriptor)


def _field(name: str, value: str) -> bytes:
    data = value.encode(errors="replace")
    if b"\n" in data:
        return name.encode() + b"\n" + struct.pack("<Q", len(data)) + data + b"\n"
    return name.encode() + b"=" + data + b"\n"


class JournalHandler(logging.Handler):
    """Writes records of logging, with where they come from and their traceback.

    Secrets that this process holds are masked. Where there is no journal, nothing happens.
    """

    def __init__(
        self, identifier: str, level: int = logging.WARNING, to: Path | None = None
    ) -> None:
        """``identifier`` is what ``journalctl -t`` finds them by."""
        super().__init__(level)
        self._identifier = identifier
        self._to = to

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        try:
            send(self._fields(record), self._to)
        except Exception:  # a log line must not end a program, and there is no other place to tell
            return

    def _fields(self, record: logging.LogRecord) -> dict[str, str]:
        priority = next((p for least, p in _PRIORITIES if record.levelno >= least), _DEBUG)
        fields = {
            "MESSAGE": mask_living(self.format(record)),
            "PRIORITY": str(priority),
            "SYSLOG_IDENTIFIER": self._identifier,
            "CODE_FILE": record.pathname,
            "CODE_LINE": str(record.lineno),
            "CODE_FUNC": record.funcName,
            "FLEXVDI_LOGGER": record.name,
        }
        if record.exc_info and record.exc_info[0] is not None:
            fields["FLEXVDI_ERROR"] = record.exc_info[0].__name__
        return fields
