"""Another host, which does what a move asks of it (host.machine.manager.remote.RemoteHost)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from threading import Event
from typing import Any

from foundation.failure import Failure
from host.backends.simulated.manager.images import SimulatedImages
from host.backends.simulated.simulation import Simulation
from host.deployment.descriptor import DESCRIPTOR_NAME
from host.machine.manager.images import OnProgress


class SimulatedRemoteHost:
    """``told`` are the commands, ``received`` the files by path; ``manager`` is what it runs.

    JSON: ``remote_answers`` maps words that a command has in it to its output, and an answer of
    None to a failure.
    """

    def __init__(self, simulation: Simulation, images: SimulatedImages) -> None:
        """As the machine's JSON says; ``images`` are those that are sent."""
        self._simulation = simulation
        self._images = images
        self.told: list[tuple[str, ...]] = []
        self.received: dict[str, object] = {}
        self.manager: dict[str, Any] | None = None

    def run(self, host: str, words: Sequence[str]) -> str:
        """Note it, and do it."""
        command = " ".join(words)
        self._simulation.changes("remote.run", host)
        self.told.append((host, *words))
        for known, answer in self._simulation.facts.get("remote_answers", {}).items():
            if known in command:
                if answer is None:
                    raise Failure(f"{words[0]} failed on {host}.", "See over there.")
                return str(answer)
        if command == "hostname":
            return "node2\n"
        if "manager status" in command:
            return self._status()
        return self._manage(words[2], words[3:])

    def read(self, host: str, path: str) -> str:
        """Of what was received."""
        self._simulation.changes("remote.read", host)
        content = self.received.get(path, b"")
        return content.decode() if isinstance(content, bytes) else ""

    def remove(self, host: str, folder: str, names: Sequence[str]) -> None:
        """Gone."""
        self._simulation.changes("remote.remove", host)
        for name in names:
            self.received.pop(f"{folder}/{name}", None)

    def send(
        self,
        paths: Sequence[str],
        host: str,
        folder: str,
        on_progress: OnProgress,
        cancel: Event | None = None,
    ) -> None:
        """Keep them."""
        self._simulation.changes("remote.send", host)
        on_progress(1, 1)
        for path in paths:
            self.received[f"{folder}/{path.rpartition('/')[2]}"] = self._images.content[path]

    def _status(self) -> str:
        if self.manager is None:
            return json.dumps({"manager": None, "state": "none", "checks": []})
        answers = [{"name": "API", "state": "ok", "reason": ""}] if self.manager["runs"] else []
        state = "running" if self.manager["runs"] else "shut off"
        return json.dumps({"manager": self.manager, "state": state, "checks": answers})

    def _manage(self, verb: str, words: Sequence[str]) -> str:
        """As flexvdi-config over there does, and with what it refuses."""
        match verb:
            case "adopt":
                content = self.received.get(f"{words[0]}/{DESCRIPTOR_NAME}", b"{}")
                assert isinstance(content, bytes)
                runs = self.manager is not None and self.manager["runs"]
                self.manager = {"id": json.loads(content).get("id", ""), "runs": runs}
            case "release" if self.manager is not None and self.manager["runs"]:
                raise Failure("The Manager is running.", "Stop it first.")
            case "release":
                self.manager = None
            case "start" | "force-off":
                if self.manager is None:
                    raise Failure("This host has no Manager.", "Deploy one.")
                self.manager["runs"] = verb == "start"
        return ""
