"""Waiting for device nodes, and small writes to them that no tool does for us."""

from __future__ import annotations

import os
import time
from pathlib import Path

from foundation.failure import Failure
from foundation.process import run
from foundation.process_errors import explain
from installer.storage.arithmetic import MIB

_APPEARS_WITHIN = 30.0
_BETWEEN_LOOKS = 0.2


def settle() -> None:
    """Wait until udev has handled all events; a slow device is waited for where it is needed."""
    run(["udevadm", "settle", "--timeout=30"], accept=(0, 1), timeout=60)


def wait_for_device(path: str, seconds: float = _APPEARS_WITHIN) -> None:
    """Wait until ``path`` is there; raises Failure when it is not after ``seconds``."""
    if Path(path).exists():
        return
    deadline = time.monotonic() + seconds
    settle()
    while not Path(path).exists():
        if time.monotonic() > deadline:
            raise Failure(
                f"The device {path} did not appear within {seconds:.0f} s.",
                "Look at the kernel log (dmesg) for errors of the disk or its controller.",
            )
        run(["udevadm", "trigger", "--subsystem-match=block", "--action=change"], accept=(0, 1))
        time.sleep(_BETWEEN_LOOKS)
        settle()


def zero_ends(path: str, size: int) -> None:
    """Overwrite the first and last MiB with zeros: both copies of a GPT, and what lies there.

    Raises Failure that names the device when it cannot be written.
    """
    zeros = bytes(MIB)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            for offset in {0, max(0, size - MIB)}:
                os.pwrite(descriptor, zeros[: size - offset], offset)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        cause, remedy = explain("writing", 1, error.strerror or str(error))
        raise Failure(f"{path} could not be written. {cause}", remedy) from error


def kernel_name(path: str) -> str:
    """The kernel's own name of a device, as in ``/sys/class/block``."""
    return Path(path).resolve().name
