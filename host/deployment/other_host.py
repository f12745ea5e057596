"""The other host of a move: what is asked of it, in its own command line, by SSH."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from threading import Event
from typing import Any

from foundation.failure import Cancelled, Failure
from host.deployment.descriptor import DESCRIPTOR_NAME, read_descriptor
from host.machine import Machine
from host.machine.manager.images import OnProgress

_CONFIG = ("flexvdi-config", "manager")
# A Manager that is not well makes it exit with 1, which is no reason to fail here.
_STATUS = ("sh", "-c", "flexvdi-config manager status --json || true")
_LIMIT = 3600.0  # seconds from start to answer, on a host whose guests are emulated
_PAUSE = 2.0


class OtherHost:
    """The host that SSH knows as ``address``."""

    def __init__(self, machine: Machine, address: str) -> None:
        """Reached from ``machine``."""
        self._remote = machine.manager.remote
        self.address = address

    def name(self, here: str) -> str:
        """Its own; raises Failure where that is the name of this host, ``here``."""
        found = self._run(("hostname",)).strip()
        if found == here:
            raise Failure(
                f"{self.address} is called {found}, as this host is.",
                "Name another host; hosts of one platform must have different names.",
            )
        return found

    def start(self) -> None:
        """Start its Manager."""
        self._run((*_CONFIG, "start"))

    def force_off(self) -> None:
        """End its Manager at once."""
        self._run((*_CONFIG, "force-off", "--yes"))

    def adopt(self, folder: str) -> None:
        """Have it define the Manager in ``folder``."""
        self._run((*_CONFIG, "adopt", folder))

    def release(self) -> None:
        """Have it forget its Manager."""
        self._run((*_CONFIG, "release", "--yes"))

    def send(
        self, paths: Sequence[str], folder: str, report: OnProgress, cancel: Event | None
    ) -> None:
        """Copy files into a folder over there."""
        self._remote.send(paths, self.address, folder, report, cancel)

    def read(self, path: str) -> str:
        """A small file that it has; empty when it has none."""
        return self._remote.read(self.address, path)

    def remove(self, folder: str, names: Sequence[str]) -> None:
        """Remove files in a folder there, and the folder when it is empty then."""
        self._remote.remove(self.address, folder, names)

    def has(self, manager: str) -> bool:
        """Whether its Manager is the one with that id."""
        return _id(self._status()) == manager

    def answers(self, manager: str) -> bool:
        """Whether that Manager runs there and its API answers."""
        return _answers(self._status(), manager)

    def require_off(self, manager: str) -> None:
        """Raise Failure where that Manager runs there."""
        status = self._status()
        if _id(status) == manager and status.get("state") != "shut off":
            raise Failure(
                f"The Manager is {status.get('state')} on {self.address}.", "Stop it over there."
            )

    def require_none(self, manager: str = "", *, but: str = "") -> None:
        """Raise Failure where it has that Manager, or any ``but`` the one with that id."""
        found = _id(self._status())
        if found and found != but and (not manager or found == manager):
            raise Failure(
                f"{self.address} already has a Manager.", "Release or remove it over there first."
            )

    def require_free(self, folder: str, manager: str) -> None:
        """Raise Failure where another Manager than that one lies in ``folder``."""
        path = f"{folder}/{DESCRIPTOR_NAME}"
        text = self.read(path)
        if text and read_descriptor(text, path).id != manager:
            raise Failure(
                f"On {self.address}, another Manager lies in {folder}.",
                "Choose another folder with --folder, or remove it over there.",
            )

    def wait_until_answering(
        self, manager: str, say: Callable[[str], None], cancel: Event, limit: float = _LIMIT
    ) -> None:
        """Return once it does; raises Failure when it ended or is silent."""
        deadline = time.monotonic() + limit
        while not _answers(status := self._status(), manager):
            if status.get("state") not in ("running", "paused"):
                raise Failure(
                    f"The Manager is {status.get('state')} on {self.address}.",
                    "Over there, `flexvdi-config manager console --log` says more.",
                )
            reasons = [check["reason"] for check in status["checks"] if check["state"] != "ok"]
            say("; ".join(reasons))
            if time.monotonic() > deadline:
                raise Failure(
                    f"The Manager did not answer on {self.address} within {limit / 60:.0f} "
                    "minutes.",
                    "Over there, `flexvdi-config manager console --log` says more.",
                )
            if cancel.wait(_PAUSE):
                raise Cancelled("waiting for the Manager")

    def _status(self) -> dict[str, Any]:
        said = self._run(_STATUS)
        try:
            found = json.loads(said)
        except ValueError:
            found = None
        if not isinstance(found, dict) or "manager" not in found:
            raise Failure(
                f"{self.address} does not tell whether it has a Manager.",
                "See that flexVDI works over there: `flexvdi-config manager status`.",
                details=said,
            )
        return found

    def _run(self, words: Sequence[str]) -> str:
        return self._remote.run(self.address, words)


def _id(status: dict[str, Any]) -> str:
    manager = status.get("manager") or {}
    return str(manager.get("id", ""))


def _answers(status: dict[str, Any], manager: str) -> bool:
    checks = {check["name"]: check["state"] for check in status.get("checks", ())}
    return _id(status) == manager and checks.get("API") in ("ok", "warning")
