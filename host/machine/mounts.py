"""What is mounted on a machine. Whatever may hang on a server that is away has a time limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from host.document.storage import NFSMount
from host.storage_values import MountTest, NFSExport


@dataclass(frozen=True)
class Mounted:
    """An entry of the kernel's table of mounts."""

    path: str
    source: str
    filesystem: str
    options: str

    @property
    def read_only(self) -> bool:
        """Whether it is mounted, or was turned, read-only."""
        return "ro" in self.options.split(",")


@dataclass(frozen=True)
class Usage:
    """Bytes of a filesystem."""

    size: int
    free: int


class Mounts(Protocol):
    """The kernel's table of mounts, systemd's units, and NFS servers."""

    def table(self) -> tuple[Mounted, ...]:
        """All mounts; touches no server."""

    def usage(self, path: str) -> Usage | None:
        """Room on what is mounted there; None when it does not answer in time."""

    def reload(self) -> None:
        """Have systemd read its units again."""

    def start(self, unit: str) -> None:
        """Start a mount or automount unit and see it started; raises Failure with its cause."""

    def stop(self, unit: str) -> None:
        """Stop a unit; raises Failure when what it mounts is in use."""

    def enable(self, unit: str) -> None:
        """Have it started at boot."""

    def disable(self, unit: str) -> None:
        """Have it started at no boot; nothing happens when it is not."""

    def is_enabled(self, unit: str) -> bool:
        """Whether it is started at boot."""

    def failure_of(self, unit: str) -> str:
        """Why a unit failed, in the words of what it ran; empty when it did not."""

    def make_directory(self, path: str) -> None:
        """Have a directory; one that exists stays as it is."""

    def exists(self, path: str) -> bool:
        """Whether something is there."""

    def exports(self, server: str) -> tuple[NFSExport, ...]:
        """What a server says it exports."""

    def try_mount(self, mount: NFSMount) -> MountTest:
        """Mount aside, try, and unmount."""
