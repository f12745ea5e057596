"""The files and services of a simulated machine (host.plan.Machine)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from foundation.failure import Failure
from host.apply import DOCUMENT_FILE
from host.document.model import HostDocument
from host.document.reading import parse_document
from host.document.system_files import FileContent, files_of
from host.plan import PartName


class SimulatedMachine:
    """Files in memory; a machine whose document is valid begins as the document says.

    ``active`` is what its daemons follow: part name to what they were last told. ``faults`` maps a
    part to the cause with which activating it fails.
    """

    def __init__(self, facts: Mapping[str, Any], faults: Mapping[str, str] | None = None) -> None:
        """``facts`` is the machine's JSON."""
        self.places: Mapping[str, str] = {}
        self._macs = {
            interface["name"]: interface["mac"]
            for interface in facts.get("interfaces", ())
            if interface["kind"] == "ethernet"
        }
        self.faults: Mapping[str, str] = faults if faults is not None else {}
        self.files: dict[str, FileContent] = {}
        self.active: dict[PartName, object] = {}
        self.activations: list[tuple[PartName, tuple[str, ...]]] = []
        if "document" in facts:
            text = yaml.safe_dump(facts["document"], sort_keys=False)
            document = parse_document(text, "the simulated machine")
            self.files = dict(files_of(document, self.places, self._macs))
            self.files[DOCUMENT_FILE] = FileContent(text, 0o600)
            for part in _FOLLOWED:
                self.active[part] = _FOLLOWED[part](document)

    @property
    def active_hostname(self) -> str | None:
        """The name the running system has."""
        name = self.active.get("identity")
        return str(name) if name else None

    def permanent_macs(self) -> Mapping[str, str]:
        """As the machine's JSON says."""
        return self._macs

    def file(self, path: str) -> FileContent | None:
        """What is at ``path``."""
        return self.files.get(path)

    def put_file(self, path: str, content: FileContent | None) -> None:
        """Replace or remove; fails with the fault named after the path."""
        if path in self.faults:
            raise Failure(self.faults[path], "This fault is part of the simulation.")
        if content is None:
            self.files.pop(path, None)
        else:
            self.files[path] = content

    def folder(self, path: str) -> tuple[str, ...]:
        """The names in a folder."""
        prefix = f"{path}/"
        return tuple(
            sorted(name.removeprefix(prefix) for name in self.files if name.startswith(prefix))
        )

    def is_active(self, part: PartName, document: HostDocument) -> bool:
        """Whether the part's daemon follows the document."""
        return part not in _FOLLOWED or self.active.get(part) == _FOLLOWED[part](document)

    def activate(self, part: PartName, document: HostDocument, changed: tuple[str, ...]) -> None:
        """Make the part's daemon follow the document."""
        if part in self.faults:
            raise Failure(self.faults[part], "This fault is part of the simulation.")
        self.activations.append((part, changed))
        if part in _FOLLOWED:
            self.active[part] = _FOLLOWED[part](document)


_FOLLOWED: Mapping[PartName, Any] = {
    "identity": lambda document: document.identity.hostname,
    "time": lambda document: document.time.timezone,
    "ssh": lambda document: document.access.ssh,
    "network": lambda document: document.network,
}
