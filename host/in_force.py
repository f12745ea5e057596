"""The host document that is in force on a machine."""

from __future__ import annotations

from functools import lru_cache

from foundation.failure import Failure
from host.document.model import HostDocument
from host.document.reading import parse_document
from host.machine.files import Files

DOCUMENT_FILE = "etc/flexvdi/host.yaml"


def read_current(files: Files) -> HostDocument:
    """The document; raises Failure when there is none or it is wrong."""
    content = files.read(DOCUMENT_FILE)
    if content is None:
        raise Failure(
            f"/{DOCUMENT_FILE} is missing: this host has no host document.",
            "Write one with `flexvdi-config apply -f FILE`.",
        )
    return _parsed(content.text)


@lru_cache(maxsize=2)
def _parsed(text: str) -> HostDocument:
    """Steps of a job ask again and again; a document is a frozen value, so one will do."""
    return parse_document(text, f"/{DOCUMENT_FILE}")


def document_if_any(files: Files) -> HostDocument | None:
    """The document; None when there is none that can be used."""
    try:
        return read_current(files)
    except Failure:
        return None


def document_in_force(files: Files) -> HostDocument:
    """The document; the empty one when there is none that can be used."""
    return document_if_any(files) or HostDocument()
