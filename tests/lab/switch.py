"""An Ethernet switch between virtual machines: what one of them sends reaches all others.

Machines may come and go, as on a real one; nothing but their frames passes, so that addresses can
be any.
"""

from __future__ import annotations

import selectors
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SLOT = 0x10
"""The place on a machine's PCI bus of the port that its cable is in."""
PORT = f"enp0s{SLOT}"
"""What its kernel calls that port."""
_LARGEST_FRAME = 1 << 17


def mac_of(number: int) -> str:
    """The MAC address of the card on cable ``number``."""
    return f"52:54:00:77:00:{number:02x}"


class Switch:
    """Made by :func:`switch`; each cable is a pair of sockets in ``folder``."""

    def __init__(self, folder: Path) -> None:
        """Without any cable."""
        self._folder = folder
        self._ends: dict[socket.socket, Path] = {}
        self._selector = selectors.DefaultSelector()
        self._stop_here, self._stop_there = socket.socketpair()
        self._selector.register(self._stop_here, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._pass_frames, daemon=True)
        self._thread.start()

    def cable(self, number: int) -> tuple[str, ...]:
        """QEMU's arguments for a network card on this switch, whose MAC is ``mac_of(number)``.

        A machine that is started again takes the same ones.
        """
        here, there = self._folder / f"{number}.switch", self._folder / f"{number}.machine"
        end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        end.bind(str(here))
        end.setblocking(False)
        self._ends[end] = there
        self._selector.register(end, selectors.EVENT_READ)
        places = f"local.type=unix,local.path={there},remote.type=unix,remote.path={here}"
        device = f"virtio-net-pci,netdev=lan,mac={mac_of(number)},romfile=,addr={SLOT:#x}"
        return ("-netdev", f"dgram,id=lan,{places}", "-device", device)

    def end(self) -> None:
        """Pull all cables."""
        self._stop_there.close()
        self._thread.join()
        for end in (*self._ends, self._stop_here):
            end.close()
        self._selector.close()

    def _pass_frames(self) -> None:
        while True:
            for key, _events in self._selector.select():
                if key.fileobj is self._stop_here:
                    return
                assert isinstance(key.fileobj, socket.socket)
                self._pass_on(key.fileobj)

    def _pass_on(self, source: socket.socket) -> None:
        with suppress(BlockingIOError):
            while frame := source.recv(_LARGEST_FRAME):
                for end, machine in tuple(self._ends.items()):
                    if end is not source:
                        # A machine that is off or slow loses the frame, as on a wire.
                        with suppress(OSError):
                            end.sendto(frame, str(machine))


@contextmanager
def switch() -> Iterator[Switch]:
    """A switch that is there for as long as the context is."""
    # Names of sockets are short, and paths of repositories need not be.
    folder = Path(tempfile.mkdtemp(prefix="flexvdi-switch-"))
    made = Switch(folder)
    try:
        yield made
    finally:
        made.end()
        shutil.rmtree(folder, ignore_errors=True)
