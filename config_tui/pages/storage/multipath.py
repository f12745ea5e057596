"""Multipath: LUNs with several paths, how each path is, and how the host uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.document_fields import edit_in_dialog
from config_tui.kit import theme
from config_tui.kit.dialog import tell
from config_tui.kit.fields import ChoiceField, Field, TextField, YesNoField
from config_tui.kit.table import Column, Row
from config_tui.kit.text import N_, _, bytes_in_words
from config_tui.listing import listing
from config_tui.page import Action, Page
from config_tui.pages.storage.documents import with_multipath

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument
    from host.storage_values import MultipathDevice


def _open(application: Application) -> Any:
    def build(devices: tuple[MultipathDevice, ...]) -> Any:
        return application.with_document(lambda document: _table(application, document, devices))

    return application.loading(application.host.storage.multipath_devices, build)


def _table(
    application: Application, document: HostDocument, devices: tuple[MultipathDevice, ...]
) -> Any:
    columns = [
        Column(_("LUN"), least=8),
        Column(_("Size"), least=8, right=True),
        Column(_("Paths"), least=6),
        Column(_("Product"), least=6, optional=True),
        Column("WWID", least=8, optional=True),
    ]
    rows = [
        Row(d.name, (d.name, bytes_in_words(d.size), _paths(d), d.product, d.wwid)) for d in devices
    ]
    by_name = {device.name: device for device in devices}

    def details(application: Application, key: str) -> None:
        tell(application.stack, key, device_text(by_name[key]))

    enabled = document.storage.multipath.enabled
    words = _("Multipath is on.") if enabled else _("Multipath is off: every path is its own disk.")
    return listing(
        application,
        columns,
        rows,
        _ACTIONS,
        head=[("dim", words), ""],
        empty=_("No LUN has several paths."),
        opens=Action(N_("Details"), "multipath show", details),
    )


def _paths(device: MultipathDevice) -> str:
    state = "ok"
    if device.working < len(device.paths) or device.working < 2:
        state = "warning" if device.working else "failed"
    mark = theme.current().mark(state)
    return f"{mark} {device.working}/{len(device.paths)}"


def device_text(device: MultipathDevice) -> str:
    """A LUN with each of its paths."""
    lines = [f"WWID: {device.wwid}", f"{_('Device')}: {device.path}"]
    if device.queueing:
        lines.append(f"{_('Without paths')}: {device.queueing}")
    lines.append("")
    for path in device.paths:
        mark = theme.current().mark("ok" if path.works else "failed")
        way = " ".join(filter(None, (path.adapter, path.target, path.address)))
        lines.append(f"{mark} {path.device}  {path.state}/{path.checker}  {way}")
    if device.working < 2:
        lines += ["", _("Only one path is left: the next fault cuts the disk off.")]
    return "\n".join(lines)


def _settings(application: Application, _key: str) -> None:
    document = application.staging.wanted
    old = document.storage.multipath
    enabled = YesNoField(
        "enabled", _("Multipath"), old.enabled, text=_("one device for all paths to a LUN")
    )
    fields: list[Field] = [
        enabled,
        ChoiceField(
            "find_multipaths",
            _("Takes"),
            [
                ("yes", _("what has two paths, and keeps it")),
                ("greedy", _("every disk")),
                ("strict", _("only what is known")),
                ("no", _("every disk that is not refused")),
                ("smart", _("what gets a second path in time")),
            ],
            old.find_multipaths,
            stack=application.stack,
        ).asked_when(lambda: enabled.value),
        TextField(
            "no_path_retry",
            _("Without paths"),
            str(old.no_path_retry),
            check=lambda text: int(text) if text.isdecimal() else text,
            help=_("fail, queue, or the rounds of 5 seconds to wait for a path."),
        ).asked_when(lambda: enabled.value),
        YesNoField(
            "user_friendly_names",
            _("Names"),
            old.user_friendly_names,
            text=_("mpatha instead of the WWID"),
        ).asked_when(lambda: enabled.value),
    ]
    edit_in_dialog(
        application, _("Multipath"), fields, lambda values: with_multipath(document, **values)
    )


def _alias(application: Application, key: str) -> None:
    from config_tui.document_fields import model_field
    from host.document.storage import MultipathAlias

    document = application.staging.wanted
    aliases = document.storage.multipath.aliases
    old = next((a for a in aliases if key in (a.name, a.wwid)), None)
    fields: list[Field] = [
        model_field("name", _("Name"), old.name if old is not None else None, MultipathAlias),
        model_field("wwid", "WWID", old.wwid if old is not None else key, MultipathAlias),
    ]

    def change(values: dict[str, Any]) -> HostDocument:
        left = tuple(alias for alias in aliases if alias is not old)
        return with_multipath(document, aliases=(*left, MultipathAlias(**values)))

    edit_in_dialog(application, _("A name of your own"), fields, change)


_ACTIONS = (
    Action(N_("Settings"), "set", _settings),
    Action(N_("Name it"), "set", _alias),
)

PAGE = Page(
    name="storage-multipath",
    title=N_("Multipath"),
    rank=30,
    preview=_open,
    open=_open,
    verbs=("multipath show",),
    actions=_ACTIONS,
)
