"""What the storage's pages share: documents with one thing of the storage changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from config_tui.kit.dialog import confirm
from config_tui.kit.text import _

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument


def with_storage(document: HostDocument, **sections: Any) -> HostDocument:
    """The document with sections of its storage replaced; raises pydantic's ValidationError."""
    from host.document.storage import Storage

    return document.replacing(storage=Storage(**{**dict(document.storage), **sections}))


def with_iscsi(document: HostDocument, **values: Any) -> HostDocument:
    """The same for iSCSI."""
    from host.document.storage import ISCSI

    return with_storage(document, iscsi=ISCSI(**{**dict(document.storage.iscsi), **values}))


def with_multipath(document: HostDocument, **values: Any) -> HostDocument:
    """The same for multipath."""
    from host.document.storage import Multipath

    old = dict(document.storage.multipath)
    return with_storage(document, multipath=Multipath(**{**old, **values}))


def put_named(items: Sequence[Any], item: Any, replacing: str = "") -> tuple[Any, ...]:
    """``items`` with ``item`` in the place of the one called ``replacing``, or at the end."""
    if any(one.name == replacing for one in items):
        return tuple(item if one.name == replacing else one for one in items)
    return (*items, item)


def without_named(items: Sequence[Any], name: str) -> tuple[Any, ...]:
    """``items`` without the one called ``name``."""
    return tuple(one for one in items if one.name != name)


def ask_to_remove(
    application: Application, name: str, words: str, changed: Callable[[], HostDocument]
) -> None:
    """Stage the document without something, after a question."""
    confirm(
        application.stack,
        _("Remove {name}?").format(name=name),
        words,
        _("Remove"),
        lambda: application.stage(changed()),
    )
