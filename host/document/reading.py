"""Reading a host document: YAML text to a HostDocument, or everything that is wrong with it.

The text is read after YAML 1.2's core schema: only ``true``, ``false``, ``null`` and numbers are
not strings, so that ``no`` stays a keyboard layout and ``52:54:00:12:34:56`` a MAC address. Keys
given twice are refused. Every problem comes with its line.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from foundation.failure import Failure
from host.document.model import DOCUMENT_VERSION, HostDocument

DOCUMENT_PATH = Path("/etc/flexvdi/host.yaml")

_LARGEST = 1 << 20
_DEEPEST = 40
_MOST_VALUES = 50_000
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_INTERFACE_KINDS = ("ethernet", "bond", "vlan", "bridge")
_MOUNT_KINDS = ("nfs", "filesystem", "directory")
_FLOAT = re.compile(r"[-+]?[0-9]+\.[0-9]+([eE][-+]?[0-9]+)?")

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: ``where`` is ``file:line``, ``field`` a path as in ``time.utc``."""

    where: str
    field: str
    message: str

    def __str__(self) -> str:
        """One line for a person."""
        field = f"{self.field}: " if self.field else ""
        return f"{self.where}: {field}{self.message}"


class DocumentInvalid(Failure):
    """A document that cannot be used, with all its problems at once."""

    def __init__(self, source: str, problems: tuple[Problem, ...]) -> None:
        """``source`` names the document for the person."""
        if len(problems) == 1:
            problem = problems[0]
            field = f"{problem.field}: " if problem.field else ""
            super().__init__(f"{field}{problem.message}.", where=problem.where)
        else:
            lines = "\n".join(f"  {problem}" for problem in problems)
            super().__init__(f"{source} has {len(problems)} problems:\n{lines}")
        self.problems = problems


def read_document(path: Path = DOCUMENT_PATH) -> HostDocument:
    """The document in the file ``path``; raises DocumentInvalid, or Failure when unreadable."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise Failure(
            f"{path} is missing: this host has no host document.",
            "Write one with `flexvdi-config apply -f FILE`.",
        ) from error
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}.", "Read it as root.") from error
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Failure(
            "This is not UTF-8 text.", "Save the file as UTF-8.", where=f"{path}:{line}"
        ) from error
    return parse_document(text, str(path))


def parse_document(text: str, source: str, first_line: int = 1) -> HostDocument:
    """The document in ``text``.

    ``source`` and ``first_line`` say where the text stands, for documents that are embedded in
    another file (a kickstart's ``%addon``). Raises DocumentInvalid with all problems.
    """
    positions: dict[Path_, int] = {}
    problems: list[Problem] = []

    def where(line: int) -> str:
        return f"{source}:{line + first_line}"

    try:
        if len(text) > _LARGEST:
            raise _TooMuch(0, "the document is larger than 1 MiB")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = _plain(node, (), positions, problems, where) if node is not None else {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line if error.problem_mark else 0
        words = str(error.problem or error.context or "not YAML")
        raise DocumentInvalid(
            source, (Problem(where(line), "", f"this is not valid YAML: {words}"),)
        ) from error
    except yaml.reader.ReaderError as error:
        raise DocumentInvalid(
            source, (Problem(where(0), "", f"this is not text: {error.reason}"),)
        ) from error
    except _TooMuch as error:
        raise DocumentInvalid(source, (Problem(where(error.line), "", error.message),)) from error
    if data is None:
        data = {}
    if not isinstance(data, dict):
        problem = Problem(where(0), "", "a host document is made of sections, as in `time:`")
        raise DocumentInvalid(source, (problem,))
    version = data.get("version", DOCUMENT_VERSION)
    if isinstance(version, int) and version != DOCUMENT_VERSION:
        known = f"it is of version {version}, and this host reads version {DOCUMENT_VERSION}"
        problem = Problem(where(positions.get(("version",), 0)), "version", known)
        raise DocumentInvalid(source, (problem,))
    try:
        document = HostDocument.model_validate(data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            if detail["type"] == "is_instance_of":  # the other half of a secret's type says it
                continue
            path = _path_in(positions, detail["loc"])
            line = _line_of(positions, path)
            problems.append(Problem(where(line), _dotted(path), _message(detail)))
    else:
        if not problems:
            return document
    problems.sort(key=lambda problem: int(problem.where.rpartition(":")[2]))
    raise DocumentInvalid(source, tuple(problems))


def document_schema() -> dict[str, Any]:
    """The document's form as JSON Schema, for editors and for other programs."""
    schema = HostDocument.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


class _TooMuch(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


def _plain(
    node: yaml.Node, path: Path_, positions: dict[Path_, int], problems: list[Problem], where: Any
) -> Any:
    """The node's value; notes on the way where each key stands and which are given twice."""
    positions.setdefault(path, node.start_mark.line)
    if len(positions) > _MOST_VALUES:  # anchors can make a short text endless
        raise _TooMuch(node.start_mark.line, "the document has too many values")
    if len(path) > _DEEPEST:
        raise _TooMuch(node.start_mark.line, "the document is nested too deeply")
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is None:
                problems.append(Problem(where(line), _dotted(path), "a key must be a word"))
                continue
            here = (*path, key)
            if key in mapping:
                before = positions[here]
                message = f"this key is already given in line {where(before).rpartition(':')[2]}"
                problems.append(Problem(where(line), _dotted(here), message))
                continue
            positions[here] = line
            mapping[key] = _plain(value_node, here, positions, problems, where)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [
            _plain(item, (*path, place), positions, problems, where)
            for place, item in enumerate(node.value)
        ]
    return _scalar(node)


def _scalar(node: yaml.Node) -> Any:
    text: str = node.value
    if getattr(node, "style", None):  # quoted, or a block: always a string
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _INTEGER.fullmatch(text) and len(text) < 20:
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _path_in(positions: dict[Path_, int], location: tuple[str | int, ...]) -> Path_:
    """Pydantic's location without the parts that are not in the document (union tags)."""
    path: Path_ = ()
    for place, part in enumerate(location):
        longer = (*path, part)
        last = place == len(location) - 1
        if longer in positions or (last and str(part).isidentifier() and not _is_tag(part)):
            path = longer
    return path


def _is_tag(part: str | int) -> bool:
    return part in (*_INTERFACE_KINDS, *_MOUNT_KINDS)


def _line_of(positions: dict[Path_, int], path: Path_) -> int:
    while path not in positions and path:
        path = path[:-1]
    return positions.get(path, 0)


def _dotted(path: Path_) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _message(detail: Any) -> str:
    kind, location = detail["type"], detail["loc"]
    if kind == "extra_forbidden":
        close = difflib.get_close_matches(str(location[-1]), sorted(_known_keys()), 1)
        return "unknown key" + (f"; did you mean `{close[0]}`" if close else "")
    if kind == "missing":
        return "this must be given"
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        kinds = _MOUNT_KINDS if "mounts" in location else _INTERFACE_KINDS
        return f"`kind` must be one of {', '.join(kinds)}"
    if kind == "model_type":
        return "this must be a section with keys of its own"
    if kind in ("tuple_type", "list_type"):
        return "this must be a list"
    message = str(detail["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:] if message.startswith("Input") else message


@cache
def _known_keys() -> frozenset[str]:
    return frozenset(_keys(HostDocument.model_json_schema()))


def _keys(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for name, value in schema.items():
            if name == "properties":
                yield from value
            yield from _keys(value)
