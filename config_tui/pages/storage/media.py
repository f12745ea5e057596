"""ISO images: what lies in the media stores, for guests to be installed from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.kit.table import Column, Row
from config_tui.kit.text import N_, _, bytes_in_words
from config_tui.listing import listing
from config_tui.page import Page

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.storage_values import MediaFile


def _open(application: Application) -> Any:
    return application.loading(
        application.host.storage.media, lambda found: _table(application, found)
    )


def _table(application: Application, found: tuple[MediaFile, ...]) -> Any:
    columns = [
        Column(_("Image"), least=16),
        Column(_("Size"), least=8, right=True),
        Column(_("In"), least=6),
    ]
    rows = [Row(f"{m.store}/{m.name}", (m.name, bytes_in_words(m.size), m.store)) for m in found]
    words = _("ISO images are taken from mounts whose purpose is ISO images.")
    return listing(application, columns, rows, (), head=[("dim", words), ""])


PAGE = Page(
    name="storage-media",
    title=N_("ISO images"),
    rank=60,
    preview=_open,
    open=_open,
    verbs=("media show",),
)
