"""What a kickstart says about the host document: values with the lines that said them.

The commands and the addon both say things. Each value has a path (``network``, ``interfaces``,
``eth0``, ``mtu``); lists whose items have names are kept as mappings by name, so that a refinement
of ``eth0`` meets ``eth0`` wherever it stands. A second saying that differs is a contradiction,
and is told with both lines; a longer list that keeps all items of the first is a refinement.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from host.document.model import HostDocument
from kickstart.reader.complaints import Complaints

Path = tuple[str, ...]

NAMED_LISTS: tuple[Path, ...] = (("network", "interfaces"), ("access", "administrators"))


class Said:
    """Values by path, each with its line."""

    def __init__(self) -> None:
        """Nothing is said yet."""
        self.values: dict[Path, Any] = {}
        self.lines: dict[Path, str] = {}

    def say(self, path: Path, value: Any, where: str, complaints: Complaints) -> None:
        """Take ``value`` for ``path``, unless another line said otherwise."""
        for deeper in [known for known in self.values if known[: len(path)] == path != known]:
            complaints.add(
                where,
                f"{'.'.join(path)} is described in parts already at {self.lines[deeper]}.",
                "Say it in one place.",
            )
            return
        if path in self.values and not _refines(value, self.values[path]):
            complaints.add(
                where,
                f"{'.'.join(path)} is {_shown(value)} here, "
                f"but {_shown(self.values[path])} at {self.lines[path]}.",
                "Say it once, or say the same.",
            )
            return
        self.values[path] = value
        self.lines[path] = where

    def line_of(self, path: Path) -> str:
        """The line that said ``path``, or the nearest above or below it; empty when none did."""
        for length in range(len(path), 0, -1):
            prefix = path[:length]
            for known, where in self.lines.items():
                if known[:length] == prefix:
                    return where
        return ""

    def document(self, complaints: Complaints) -> HostDocument:
        """The document that was said; faults are told at the lines that caused them."""
        tree = _tree(self.values)
        try:
            return HostDocument.model_validate(tree)
        except ValidationError as error:
            for fault in error.errors():
                path = self._path_of(fault["loc"], tree)
                message = fault["msg"].removeprefix("Value error, ")
                if fault["type"] == "extra_forbidden":
                    complaints.add(
                        self.line_of(path),
                        f"{'.'.join(path)} is not known.",
                        "Correct its name, or remove it.",
                    )
                    continue
                if fault["type"].startswith("union_tag"):
                    complaints.add(
                        self.line_of(path),
                        f"{'.'.join(path)} does not say what it is.",
                        "Add kind: ethernet, bond, vlan or bridge, "
                        "or describe it with a network line.",
                    )
                    continue
                place = "" if fault["type"] == "value_error" else f"{'.'.join(path)}: "
                where = self._culprit(path, message) or self.line_of(path)
                complaints.add(where, f"{place}{message}.")
            return HostDocument()

    def _path_of(self, location: tuple[int | str, ...], tree: Mapping[str, Any]) -> Path:
        """A pydantic location as one of our paths: list positions become names."""
        path: list[str] = []
        here: Any = tree
        for step in location:
            if isinstance(step, int) and isinstance(here, list) and step < len(here):
                here = here[step]
                path.append(str(here["name"]) if isinstance(here, dict) else str(step))
            elif isinstance(here, dict) and step in here:
                here = here[step]
                path.append(str(step))
            elif not (isinstance(here, dict) and here.get("kind") == step):
                path.append(str(step))
        return tuple(path)

    def _culprit(self, path: Path, message: str) -> str:
        """Of a fault between interfaces, the line of the last interface it names."""
        if path != ("network",):
            return ""
        words = set(message.replace(":", " ").replace(",", " ").split())
        named = [
            known
            for known in self.lines
            if known[:2] == ("network", "interfaces") and known[2] in words
        ]
        return self.lines[named[-1]] if named else ""


def _refines(new: Any, old: Any) -> bool:
    if isinstance(new, list) and isinstance(old, list):
        return all(item in new for item in old)
    return bool(new == old)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "empty"
    if isinstance(value, str) and value.startswith("$"):
        return "another hash"
    return f"“{value}”"


def _tree(values: Mapping[Path, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, value in values.items():
        here = tree
        for step in path[:-1]:
            here = here.setdefault(step, {})
        here[path[-1]] = value
    for section, key in NAMED_LISTS:
        named = tree.get(section, {}).get(key)
        if isinstance(named, dict):
            tree[section][key] = [{"name": name, **item} for name, item in named.items()]
    return tree
