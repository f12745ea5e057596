"""``%addon com_flexvdi``: the rest of the host document, as YAML.

It refines what the plain commands say and never contradicts it: an addon is passed over by stock
Anaconda, so a file must mean the same without it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import yaml

from foundation.failure import Failure
from foundation.joining import read_join_string
from foundation.secret import Secret
from host.document.deployment import UnattendedDeployment, read_unattended
from host.document.model import HostDocument
from kickstart.install_plan import Addon, Note
from kickstart.reader.complaints import Complaints
from kickstart.reader.parser import Parsed, Section
from kickstart.reader.said import NAMED_LISTS, Path, Said

OUR_ADDON = "com_flexvdi"
_ACCEPTED_ADDONS = {"com_redhat_kdump": "the host image does not collect kernel dumps"}
_SECTIONS = tuple(name for name in HostDocument.model_fields if name != "version")


def read_addons(parsed: Parsed, said: Said, complaints: Complaints) -> Addon:
    """Say what our addon says; accept or refuse those of others."""
    addon, seen = Addon(), ""
    for section in parsed.sections:
        if section.name != "%addon":
            continue
        name = section.words[0] if section.words else ""
        if name != OUR_ADDON:
            _judge_foreign(name, section, parsed, complaints)
            continue
        if len(section.words) > 1:
            complaints.add(section.where, f"%addon {OUR_ADDON} takes no options.", "Remove them.")
        if seen:
            complaints.add(
                section.where,
                f"There is another %addon {OUR_ADDON} at {seen}.",
                "Put everything into one.",
            )
            continue
        seen = section.where
        addon = _read(section, said, complaints)
    return addon


def _judge_foreign(name: str, section: Section, parsed: Parsed, complaints: Complaints) -> None:
    if name in _ACCEPTED_ADDONS and section.words[1:] == ("--disable",):
        text = f"%addon {name} makes no difference: {_ACCEPTED_ADDONS[name]}."
        parsed.notes.append(Note(where=section.where, text=text))
        return
    complaints.add(
        section.where,
        f"The addon {name or 'without a name'} is not known to this installer.",
        f"Remove it; flexVDI's own settings go into %addon {OUR_ADDON}.",
    )


def _read(section: Section, said: Said, complaints: Complaints) -> Addon:
    text = "\n".join(line.text for line in section.lines)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        reason = getattr(error, "problem", None) or "it cannot be read"
        where = _where(section, mark.line) if mark else section.where
        complaints.add(where, f"This is not YAML: {reason}.", "Check indentation and colons.")
        return Addon()
    if root is None:
        return Addon()
    if not isinstance(root, yaml.MappingNode):
        complaints.add(
            section.where,
            f"%addon {OUR_ADDON} holds no settings.",
            "Write SECTION: and its settings indented below it.",
        )
        return Addon()
    report_url, join_token, join_replace, manager = None, None, False, None
    for key, node in _pairs(root, section, complaints):
        where = _where(section, node.start_mark.line)
        if key == "report_url":
            report_url = _report_url(node, where, complaints)
        elif key == "join":
            join_token, join_replace = _join(node, section, said, complaints)
        elif key == "manager":
            manager = _manager(node, where, complaints)
        elif key in _SECTIONS:
            _say(node, (key,), section, said, complaints)
        else:
            complaints.add(
                where,
                f"“{key}” is not known in %addon {OUR_ADDON}.",
                f"Known are {', '.join(_SECTIONS)}, join, manager and report_url.",
            )
    if join_token is not None and manager is not None:
        complaints.add(
            section.where,
            "The host is told to join a platform and to deploy a Manager of its own.",
            "Keep one of join and manager.",
        )
    return Addon(
        report_url=report_url,
        join_token=join_token,
        join_replace=join_replace,
        manager=manager,
    )


def _manager(node: Any, where: str, complaints: Complaints) -> UnattendedDeployment | None:
    """A Manager to be deployed at the first boot."""
    try:
        return read_unattended(_construct(node))
    except yaml.YAMLError:
        complaints.add(where, "manager cannot be read.", "Write its settings below it.")
    except Failure as failure:
        complaints.add(where, failure.cause, failure.remedy)
    return None


def _join(
    node: Any, section: Section, said: Said, complaints: Complaints
) -> tuple[Secret | None, bool]:
    """A join string, or one with settings: the token, and whether it replaces a known host."""
    if not isinstance(node, yaml.MappingNode):
        return _join_string(node, _where(section, node.start_mark.line), said, complaints), False
    given = dict(_pairs(node, section, complaints))
    for key in sorted(given.keys() - {"string", "replace"}):
        complaints.add(
            _where(section, given[key].start_mark.line),
            f"“{key}” is not known in join.",
            "Known are string and replace.",
        )
    replace = _construct(given["replace"]) if "replace" in given else False
    if not isinstance(replace, bool):
        where = _where(section, given["replace"].start_mark.line)
        complaints.add(
            where, "replace is neither yes nor no.", "Write replace: yes or leave it out."
        )
    string = given.get("string", node)
    where = _where(section, string.start_mark.line)
    return _join_string(string, where, said, complaints), replace is True


def _join_string(node: Any, where: str, said: Said, complaints: Complaints) -> Secret | None:
    """Where the Manager is belongs to the document, the token does not."""
    try:
        read = read_join_string(node.value if isinstance(node, yaml.ScalarNode) else "")
    except Failure as failure:
        complaints.add(where, failure.cause, failure.remedy)
        return None
    values = {
        "address": read.manager.address,
        "port": read.manager.port,
        "fingerprint": read.manager.fingerprint,
    }
    for name, value in values.items():
        said.say(("membership", name), value, where, complaints)
    return read.token


def _report_url(node: Any, where: str, complaints: Complaints) -> str | None:
    url = node.value if isinstance(node, yaml.ScalarNode) else ""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        valid = False
    if not valid:
        complaints.add(where, "report_url is not a URL.", "Write http://… or https://….")
        return None
    return str(url)


def _say(node: Any, path: Path, section: Section, said: Said, complaints: Complaints) -> None:
    where = _where(section, node.start_mark.line)
    if isinstance(node, yaml.MappingNode):
        for key, value in _pairs(node, section, complaints):
            _say(value, (*path, key), section, said, complaints)
        return
    if path in NAMED_LISTS and isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _say_named(item, path, section, said, complaints)
        return
    try:
        value = _construct(node)
    except yaml.YAMLError:
        complaints.add(where, f"{'.'.join(path)} cannot be read.", "Write a plain value.")
        return
    said.say(path, value, where, complaints)


def _say_named(item: Any, path: Path, section: Section, said: Said, complaints: Complaints) -> None:
    where = _where(section, item.start_mark.line)
    pairs = _pairs(item, section, complaints) if isinstance(item, yaml.MappingNode) else []
    name = next((str(node.value) for key, node in pairs if key == "name"), None)
    if name is None:
        complaints.add(where, f"An item of {'.'.join(path)} has no name.", "Add name:.")
        return
    others = [(key, node) for key, node in pairs if key != "name"]
    if not others and not any(known[: len(path) + 1] == (*path, name) for known in said.values):
        complaints.add(where, f"{name} is not described.", "Say what it is to be.")
    for key, node in others:
        _say(node, (*path, name, key), section, said, complaints)


def _pairs(node: Any, section: Section, complaints: Complaints) -> list[tuple[str, Any]]:
    pairs: dict[str, Any] = {}
    for key, value in node.value:
        name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
        if name in pairs:
            complaints.add(
                _where(section, key.start_mark.line), f"“{name}” is said twice.", "Say it once."
            )
        pairs[name] = value
    return list(pairs.items())


def _construct(node: Any) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    finally:
        loader.dispose()


def _where(section: Section, line: int) -> str:
    if not section.lines:
        return section.where
    return section.lines[min(line, len(section.lines) - 1)].where
