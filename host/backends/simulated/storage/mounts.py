"""Mounts in memory, and the NFS servers of a simulation (host.machine.mounts.Mounts).

A server of the facts has ``exports`` (path to ``size`` and ``free``) and may be ``silent``.
``mounted`` maps paths to the kinds of the filesystems that an installation has put there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from foundation.failure import Failure
from host.backends.simulated.files import SimulatedFiles
from host.backends.simulated.simulation import Simulation
from host.document.storage import NFSMount
from host.document.storage_files import UNIT_DIRECTORY
from host.document.storage_names import parse_nfs_source
from host.machine.mounts import Mounted, Usage
from host.storage_values import MountTest, NFSExport

_GIB = 1 << 30


class SimulatedMounts:
    """``started`` are the units that run; what they mount is read from their files."""

    def __init__(self, simulation: Simulation, files: SimulatedFiles) -> None:
        """Nothing is mounted but what the facts say."""
        self._simulation = simulation
        self._files = files
        self._installed: dict[str, str] = simulation.facts.get("storage", {}).get("mounted", {})
        self.servers: dict[str, Any] = simulation.facts.get("storage", {}).get("nfs_servers", {})
        self.started: set[str] = set()
        self.enabled: set[str] = set()
        self.directories: set[str] = set()
        self.read_only: set[str] = set()

    def table(self) -> tuple[Mounted, ...]:
        """What the facts say, and what the started units mount."""
        self._simulation.meet("mounts.table")
        found = [
            Mounted(path, f"/dev/mapper/{Path(path).name}", kind, "rw")
            for path, kind in self._installed.items()
        ]
        for unit in sorted(self.started):
            keys = self._keys(unit)
            if unit.endswith(".automount"):
                found.append(Mounted(keys["Where"], "systemd-1", "autofs", "rw"))
            elif keys:
                options = "ro" if keys["Where"] in self.read_only else keys["Options"]
                found.append(Mounted(keys["Where"], keys["What"], keys["Type"], options))
        return tuple(found)

    def usage(self, path: str) -> Usage | None:
        """None where the server has fallen silent."""
        self._simulation.meet("mounts.usage")
        for mounted in self.table():
            if mounted.path == path and mounted.filesystem == "nfs":
                server, exported = parse_nfs_source(mounted.source)
                facts = self.servers.get(server, {})
                if facts.get("silent") or exported not in facts.get("exports", {}):
                    return None
                export = facts["exports"][exported]
                return Usage(export["size"], export["free"])
        return Usage(100 * _GIB, 60 * _GIB)

    def reload(self) -> None:
        """Only noted."""
        self._simulation.changes("mounts.reload")

    def start(self, unit: str) -> None:
        """A unit needs its file, and an NFS mount its server."""
        self._simulation.changes("mounts.start", unit)
        keys = self._keys(unit)
        if not keys:
            raise Failure(f"There is no unit {unit}.", "Apply the host document again.")
        if keys.get("Type") == "nfs":
            self._export(keys["What"])
        self.started.add(unit)

    def stop(self, unit: str) -> None:
        """Nothing happens when it does not run."""
        self._simulation.changes("mounts.stop", unit)
        self.started.discard(unit)

    def enable(self, unit: str) -> None:
        """From the next boot on."""
        self._simulation.changes("mounts.enable", unit)
        self.enabled.add(unit)

    def disable(self, unit: str) -> None:
        """From the next boot on."""
        self._simulation.changes("mounts.disable", unit)
        self.enabled.discard(unit)

    def is_enabled(self, unit: str) -> bool:
        """Whether it is."""
        return unit in self.enabled

    def failure_of(self, _unit: str) -> str:
        """Nothing fails by itself here."""
        return ""

    def make_directory(self, path: str) -> None:
        """Have it."""
        self._simulation.changes("mounts.make_directory", path)
        self.directories.add(path)

    def exists(self, path: str) -> bool:
        """Whether it was made."""
        return path in self.directories

    def exports(self, server: str) -> tuple[NFSExport, ...]:
        """As the facts say."""
        self._simulation.meet("mounts.exports")
        return tuple(NFSExport(path) for path in self._server(server)["exports"])

    def try_mount(self, mount: NFSMount) -> MountTest:
        """As the facts say."""
        self._simulation.meet("mounts.try_mount")
        export = self._export(mount.source)
        return MountTest(not mount.read_only, export["size"], export["free"], 0.1)

    def _server(self, server: str) -> dict[str, Any]:
        facts: dict[str, Any] | None = self.servers.get(server)
        if facts is None or facts.get("silent"):
            raise Failure(
                f"The NFS server {server} does not answer.", "Check its address and the network."
            )
        return facts

    def _export(self, source: str) -> dict[str, int]:
        server, path = parse_nfs_source(source)
        exports = self._server(server)["exports"]
        if path not in exports:
            raise Failure(
                f"The server no longer exports {source}.",
                "Compare the path with `flexvdi-config nfs exports SERVER`.",
            )
        found: dict[str, int] = exports[path]
        return found

    def _keys(self, unit: str) -> Mapping[str, str]:
        content = self._files.read(f"{UNIT_DIRECTORY}/{unit}")
        if content is None:
            return {}
        pairs = (line.partition("=") for line in content.text.splitlines() if "=" in line)
        return {key: value for key, _equals, value in pairs}
