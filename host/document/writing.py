"""Writing a host document as YAML: the same document always gives the same text.

Only what differs from the defaults is written, in the order in which the models declare it, so
that a document reads as what somebody decided and two of them compare line by line. Password
hashes are in it, which is why the file is for root's eyes only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from foundation.atomic_file import write_atomically
from foundation.failure import Failure
from foundation.process_errors import explain
from foundation.secret import MASK, Secret
from host.document.model import HostDocument
from host.document.reading import DOCUMENT_PATH

_HEADER = (
    "# The host document of flexVDI: what this host is to be.\n"
    "# `flexvdi-config apply` makes it so; what is not said here keeps its default.\n"
)
_ALWAYS = ("version", "hostname")
_FIRST = ("kind", "name")


def document_text(document: HostDocument, *, show_secrets: bool = True) -> str:
    """The document as YAML; with ``show_secrets`` False, password hashes are masked."""
    data = _plain(document, show_secrets)
    data["identity"] = {"hostname": document.identity.hostname, **data.get("identity", {})}
    ordered = {name: data[name] for name in HostDocument.model_fields if name in data}
    return _HEADER + yaml.safe_dump(
        ordered, sort_keys=False, allow_unicode=True, default_flow_style=False, width=100
    )


def write_document(document: HostDocument, path: Path = DOCUMENT_PATH) -> None:
    """Replace the file ``path`` by ``document``, atomically, readable by root only."""
    try:
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        write_atomically(path, document_text(document), 0o600)
    except OSError as error:
        cause, remedy = explain("flexvdi-config", 1, error.strerror or str(error))
        raise Failure(f"{path} could not be written. {cause}", remedy) from error


def plain_document(document: HostDocument, *, show_secrets: bool = False) -> dict[str, Any]:
    """All of the document, defaults included, as JSON-ready values."""
    return _plain(document, show_secrets, defaults=True)


def stated_document(document: HostDocument, *, show_secrets: bool = False) -> dict[str, Any]:
    """What the document says beyond the defaults, as JSON-ready values; compare these."""
    return _plain(document, show_secrets)


def _plain(model: BaseModel, show_secrets: bool, *, defaults: bool = False) -> dict[str, Any]:
    fields = type(model).model_fields
    names = sorted(fields, key=lambda name: name not in _FIRST)
    result: dict[str, Any] = {}
    for name in names:
        value = getattr(model, name)
        is_default = fields[name].default is not PydanticUndefined and value == fields[name].default
        if is_default and not defaults and name not in _ALWAYS and name not in _FIRST:
            continue
        result[name] = _value(value, show_secrets, defaults)
    return result


def _value(value: Any, show_secrets: bool, defaults: bool) -> Any:
    if isinstance(value, BaseModel):
        return _plain(value, show_secrets, defaults=defaults)
    if isinstance(value, Secret):
        return value.reveal() if show_secrets else MASK
    if isinstance(value, dict):
        return {key: _value(item, show_secrets, defaults) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_value(item, show_secrets, defaults) for item in value]
    if value is None or isinstance(value, str | int | float):
        return value
    return str(value)
