"""Disks: what is there, what is on each disk, and how it says it is (SMART)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.flows import ask_host
from config_tui.kit import theme
from config_tui.kit.dialog import tell
from config_tui.kit.said import said
from config_tui.kit.table import Column, Row
from config_tui.kit.text import N_, _, bytes_in_words
from config_tui.listing import listing
from config_tui.page import Action, Page

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.storage_values import Disk, Smart


def _open(application: Application) -> Any:
    return application.loading(
        lambda: application.host.storage.disks(smart=True),
        lambda disks: _table(application, disks),
        _("Asking the disks ..."),
    )


def _preview(application: Application) -> Any:
    return application.loading(
        application.host.storage.disks, lambda disks: _table(application, disks)
    )


def _table(application: Application, disks: tuple[Disk, ...]) -> Any:
    columns = [
        Column(_("Disk"), least=6),
        Column(_("Size"), least=8, right=True),
        Column(_("Health"), least=6),
        Column(_("Holds"), least=10),
        Column(_("Model"), least=8, optional=True),
        Column(_("By"), least=4, optional=True),
    ]
    rows = [
        Row(
            disk.name,
            (
                disk.name,
                bytes_in_words(disk.size),
                _health(disk.smart),
                _holds(disk),
                f"{disk.vendor} {disk.model}".strip(),
                disk.transport,
            ),
        )
        for disk in disks
    ]
    by_name = {disk.name: disk for disk in disks}

    def details(application: Application, key: str) -> None:
        tell(application.stack, key, disk_text(by_name[key]))

    opens = Action(N_("Details"), "disks", details)
    return listing(application, columns, rows, _ACTIONS, opens=opens)


def _health(smart: Smart | None) -> str:
    if smart is None:
        return "-"
    return f"{theme.current().mark(smart.state)} {smart.state}"


def _holds(disk: Disk) -> str:
    if disk.is_empty:
        return _("empty")
    kinds = dict.fromkeys(content.holds or content.kind for content in disk.contents)
    return ", ".join(kinds) or ", ".join(disk.holders)


def disk_text(disk: Disk) -> str:
    """Everything that is known of a disk: names, contents, holders, health."""
    values = (
        (_("Name for documents"), disk.stable),
        (_("Size"), bytes_in_words(disk.size)),
        (_("Model"), f"{disk.vendor} {disk.model}".strip()),
        (_("Serial number"), disk.serial),
        ("WWN", disk.wwn),
        (_("Connected by"), disk.transport),
        (_("State"), disk.state),
        (_("Used by"), ", ".join(disk.holders)),
    )
    lines = [f"{label}: {value}" for label, value in values if value]
    lines += [str(content) for content in disk.contents] or [_("Nothing is on it.")]
    if disk.smart is not None:
        lines += ["", smart_text(disk.smart)]
    return "\n".join(lines)


def smart_text(smart: Smart) -> str:
    """A disk's health in words."""
    lines = [f"{_('Health')}: {said(smart.state)}", *map(said, smart.reasons)]
    if smart.temperature is not None:
        lines.append(f"{_('Temperature')}: {smart.temperature} °C")
    if smart.hours is not None:
        lines.append(f"{_('Hours in use')}: {smart.hours}")
    if smart.wear_percent is not None:
        lines.append(f"{_('Wear')}: {smart.wear_percent} %")
    return "\n".join(lines)


def _smart(application: Application, key: str) -> None:
    if key:
        ask_host(
            application,
            _("Asking {name} ...").format(name=key),
            lambda: application.host.storage.smart(key),
            lambda smart: tell(application.stack, key, smart_text(smart)),
        )


def rescan(application: Application, _key: str = "") -> None:
    """Have every adapter look again; used by several pages."""
    from config_tui.flows import tell_done

    actor = application.actor

    def done(found: Any) -> None:
        words = _("New: {found}. Gone: {gone}.").format(
            found=", ".join(found.found) or "-", gone=", ".join(found.gone) or "-"
        )
        tell_done(application, words, "flexvdi-config disks rescan")
        application.rebuild()

    ask_host(
        application,
        _("Looking for new disks ..."),
        lambda: application.host.storage.rescan(actor),
        done,
    )


_ACTIONS = (
    Action(N_("Health"), "disks smart", _smart),
    Action(N_("Rescan"), "disks rescan", rescan),
)

PAGE = Page(
    name="storage-disks",
    title=N_("Disks"),
    rank=0,
    preview=_preview,
    open=_open,
    verbs=("disks",),
    actions=_ACTIONS,
)
