"""The English texts of host/, agent/ and foundation/ for people, found in the code as templates.

What an f-string fills in becomes a named field: ``f"There is no disk {disk}."`` is the template
``There is no disk {disk}.``
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
# What screens of a host show, in two catalogues: the host's own, and that of the Manager's guest
# and of the platform, whose modules have these words in their paths.
_OF_HOST = (
    *sorted((ROOT / "host").rglob("*.py")),
    *(
        ROOT / "foundation" / f"{name}.py"
        for name in ("failure", "image_release", "password_hash", "process", "process_errors")
    ),
    ROOT / "foundation/unexpected.py",
)
_OF_DEPLOYMENT = (
    *sorted((ROOT / "host").rglob("*.py")),
    # What the Agent answers to commands is shown by the Manager; how it is, on the host.
    *(
        ROOT / "agent" / f"{name}.py"
        for name in (
            *("connection", "daemon", "farewell", "joining", "rotation"),
            *("protocol/frames", "protocol/version"),
        )
    ),
    *(
        ROOT / "foundation" / f"{name}.py"
        for name in ("appliance_manifest", "appliance_seed", "joining")
    ),
)
_DEPLOYMENT = re.compile(
    "^agent/|deployment|joining|(?<!network_)manager|membership|enrolment|operation|guest_watch|appliance"
)
_NOBODYS = ("simulated",)
_CALLS = frozenset(
    (
        *("Failure", "WrongArgument", "Cancelled", "ProcessFailed", "ValueError", "Problem"),
        *("HealthCheck", "Diagnosis", "MountStatus", "status", "Virtualization", "Probe"),
        *("Change", "PartPlan", "JobStep", "FilesPart", "_TooMuch"),
        *("Preflight", "StorageTrial", "make_step", "step"),
    )
)
_VARIABLES = frozenset(
    (
        *("words", "title", "summary", "name", "reason", "remedy", "cause", "verb", "running"),
        *("holder", "titles", "direction", "last", "steps", "_REASONS"),
    )
)
_WORDS_ALONE = frozenset(("verb", "direction"))
_FUNCTIONS = frozenset(("_subject", "_duration", "_kind", "_words"))


def host_texts() -> dict[str, str]:
    """Every template of the host itself with the module it is first found in."""
    return _texts_of(path for path in _OF_HOST if not _is_of_deployment(path))


def deployment_texts() -> dict[str, str]:
    """Every template of the Manager's guest and of joining that is not the host's as well."""
    known = host_texts()
    found = _texts_of(path for path in _OF_DEPLOYMENT if _is_of_deployment(path))
    return {text: place for text, place in found.items() if text not in known}


def _is_of_deployment(path: Path) -> bool:
    return _DEPLOYMENT.search(str(path.relative_to(ROOT))) is not None


def _texts_of(paths: Iterable[Path]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in paths:
        place = path.relative_to(ROOT)
        if any(part in _NOBODYS for part in place.parts):
            continue
        tree = ast.parse(path.read_text())
        for template in (*_sentences(tree), *_parts_of_calls(tree), *_named(tree)):
            if "\n" not in template and re.search(r"[A-Za-z]{2}", _literals(template)):
                found.setdefault(template, str(place))
    return found


def _sentences(tree: ast.AST) -> Iterator[str]:
    """Whatever is written as a sentence, apart from documentation."""
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            silent |= {id(part) for part in node.values}
    for node in ast.walk(tree):
        text = _template(node) if id(node) not in silent else None
        if text and " " in text and re.fullmatch(r"[A-Z{“`].*[.?]", text):
            yield text


def _parts_of_calls(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in _CALLS:
            for argument in (*node.args, *(word.value for word in node.keywords)):
                yield from (text for text in _texts(argument) if re.search(r"[A-Z ]", text))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("work.run", "steps.append"):
            yield from (text for text in _texts(node.args[0]) if re.search(r"[A-Z ]", text))


def _named(tree: ast.AST) -> Iterator[str]:
    """What is given a name as texts for people have, or returned by a function for such."""
    for node in ast.walk(tree):
        values: list[ast.AST] = []
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            values = [node.value] if _name(node.target) in _VARIABLES else []
        elif isinstance(node, ast.Assign) and _name(node.targets[0]) in _VARIABLES:
            if _name(node.targets[0]) in _WORDS_ALONE:
                yield from _texts(node.value)
            values = [node.value]
        elif isinstance(node, ast.Assign) and _name(node.targets[0]).endswith("State"):
            if isinstance(node.value, ast.Subscript):  # Literal["failed", …]
                yield from _texts(node.value.slice)
        elif isinstance(node, ast.FunctionDef) and node.name in _FUNCTIONS:
            returns = (part for part in ast.walk(node) if isinstance(part, ast.Return))
            values = [part.value for part in returns if part.value is not None]
        for value in values:
            yield from (text for text in _texts(value) if re.search(r"^[A-Z]| ", text.strip()))


def _texts(node: ast.AST) -> Iterator[str]:
    """The texts that an expression may be."""
    text = _template(node)
    if text is not None:
        yield text
    elif isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _texts(value)
    elif isinstance(node, ast.Tuple | ast.List):
        for value in node.elts:
            yield from _texts(value)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _texts(value)
    elif isinstance(node, ast.Lambda):
        yield from _texts(node.body)


def _template(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    text, names = "", list[str]()
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            name = _field_name(part.value)
            names.append(name)
            number = names.count(name)
            text += f"{{{name}{number if number > 1 else ''}}}"
        elif isinstance(part, ast.Constant):
            text += str(part.value)
    return text


def _field_name(value: ast.AST) -> str:
    """What a translator is told of a value: the name it has in the code, as far as it has one."""
    while isinstance(value, ast.Call | ast.Subscript):
        value = value.func if isinstance(value, ast.Call) else value.value
    name = _name(value).strip("_").lower()
    if name in ("join", "rstrip", "strip", "split", "removeprefix", "removesuffix", "rpartition"):
        return "words"
    return {"len": "count", "": "value"}.get(name, name)


def _name(node: ast.AST) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))


def _literals(template: str) -> str:
    return re.sub(r"\{\w+\}", "", template)
