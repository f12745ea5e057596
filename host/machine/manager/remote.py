"""Another host, reached as root by SSH with a key that is known there."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event
from typing import Protocol

from host.machine.manager.images import OnProgress


class RemoteHost(Protocol):
    """ssh(1) and rsync(1); nobody is asked for anything."""

    def run(self, host: str, words: Sequence[str]) -> str:
        """The output of a program over there; raises Failure when it cannot be run, or fails."""

    def read(self, host: str, path: str) -> str:
        """A small file over there; empty when there is none."""

    def remove(self, host: str, folder: str, names: Sequence[str]) -> None:
        """Remove files in a folder over there, and the folder if nothing else is in it."""

    def send(
        self,
        paths: Sequence[str],
        host: str,
        folder: str,
        on_progress: OnProgress,
        cancel: Event | None = None,
    ) -> None:
        """Copy files, with their holes, into a folder over there that is made for them."""
