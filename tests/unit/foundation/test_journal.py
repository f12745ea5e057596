"""Records for the system's journal, read back from a socket that stands for journald's."""

from __future__ import annotations

import logging
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.journal import JournalHandler, send
from foundation.secret import MASK, Secret


@pytest.fixture
def journald(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "socket"))
        line.settimeout(10)
        yield line


def read(journald: socket.socket) -> dict[str, str]:
    """One record, by the protocol's own rules; large ones come as a descriptor."""
    data, descriptors, _flags, _address = socket.recv_fds(journald, 1 << 20, 1)
    if not data:
        with os.fdopen(descriptors[0], "rb") as stream:
            stream.seek(0)
            data = stream.read()
    fields = {}
    while data:
        line, _newline, rest = data.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            (length,) = struct.unpack_from("<Q", rest)
            value, rest = rest[8 : 8 + length], rest[8 + length + 1 :]
        fields[name.decode()] = value.decode()
        data = rest
    return fields


def handler(journald: socket.socket) -> logging.Logger:
    log = logging.Logger("flexvdi.trial")
    log.addHandler(JournalHandler("trial", to=Path(journald.getsockname())))
    return log


def test_fields_arrive_as_they_were(journald: socket.socket) -> None:
    fields = {"MESSAGE": "two\nlines", "PRIORITY": "6", "FLEXVDI_WHO": "ana = ñ"}
    send(fields, Path(journald.getsockname()))
    assert read(journald) == fields


def test_a_record_that_no_datagram_holds_arrives_as_well(journald: socket.socket) -> None:
    text = "x" * (1 << 22)
    send({"MESSAGE": text}, Path(journald.getsockname()))
    assert read(journald) == {"MESSAGE": text}


def test_a_defect_is_recorded_with_its_traceback(journald: socket.socket) -> None:
    try:
        raise KeyError("lost")
    except KeyError:
        handler(journald).exception("unexpected error")
    found = read(journald)
    assert found["SYSLOG_IDENTIFIER"] == "trial" and found["PRIORITY"] == "3"
    assert found["FLEXVDI_ERROR"] == "KeyError"
    assert "Traceback" in found["MESSAGE"] and __file__ in found["MESSAGE"]
    assert found["CODE_FUNC"] == "test_a_defect_is_recorded_with_its_traceback"


def test_secrets_of_this_process_are_masked(journald: socket.socket) -> None:
    secret = Secret("planted-secret-7")
    try:
        raise ValueError(f"refused {secret.reveal()}")
    except ValueError:
        handler(journald).exception("with %s", secret.reveal())
    found = read(journald)["MESSAGE"]
    assert MASK in found and "planted" not in found


def test_without_a_journal_nothing_happens(tmp_path: Path) -> None:
    log = logging.Logger("flexvdi.trial")
    log.addHandler(JournalHandler("trial", to=tmp_path / "none"))
    log.error("nobody hears this")
    with pytest.raises(OSError):
        send({"MESSAGE": "x"}, tmp_path / "none")
