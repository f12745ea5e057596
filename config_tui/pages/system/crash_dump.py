"""Crash dumps: what the kernel leaves behind when it dies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.document_fields import edit_in_dialog, model_field
from config_tui.kit.fields import Field, NumberField, YesNoField
from config_tui.kit.panel import Panel, labelled
from config_tui.kit.text import N_, _, bytes_in_words
from config_tui.listing import action_buttons
from config_tui.page import Action, Page

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.api.system import CrashDumpStatus
    from host.document.model import HostDocument


def _open(application: Application) -> Any:
    def build(found: CrashDumpStatus) -> Any:
        return application.with_document(lambda document: _panel(application, document, found))

    return application.loading(application.host.system.crash_dump_status, build)


def _panel(application: Application, document: HostDocument, found: CrashDumpStatus) -> Any:
    wanted = document.crash_dump
    armed = _("yes") if found.armed else _("no")
    body: list[Any] = [
        ("heading", _("Crash dumps")),
        "",
        labelled(_("Wanted"), _("yes") if wanted.enabled else _("no")),
        labelled(_("Ready"), armed),
        labelled(_("Memory set aside"), bytes_in_words(found.reserved)),
        labelled(_("Written to"), wanted.nfs or wanted.directory),
    ]
    if found.problem:
        body += ["", ("warning", f"! {found.problem}")]
    if found.dumps:
        body += ["", ("heading", _("Dumps")), *found.dumps]
    return Panel(body=body, buttons=action_buttons(application, _ACTIONS))


def _edit(application: Application, _key: str) -> None:
    from host.document.system import CrashDump

    document = application.staging.wanted
    old = document.crash_dump
    enabled = YesNoField(
        "enabled", _("Crash dumps"), old.enabled, text=_("write one when the kernel dies")
    )
    fields: list[Field] = [
        enabled,
        NumberField(
            "memory",
            _("Memory"),
            old.memory,
            least=64,
            most=4096,
            help=_("MiB set aside from the next boot on; empty: what the system proposes."),
            optional=True,
        ).asked_when(lambda: enabled.value),
        model_field("directory", _("Folder"), old.directory, CrashDump).asked_when(
            lambda: enabled.value
        ),
        model_field(
            "nfs",
            _("NFS export"),
            old.nfs,
            CrashDump,
            help=_("As in server:/path; empty: the folder on this host."),
            optional=True,
        ).asked_when(lambda: enabled.value),
    ]

    def change(values: dict[str, Any]) -> HostDocument:
        return document.replacing(crash_dump=CrashDump(**{**dict(old), **values}))

    edit_in_dialog(application, _("Crash dumps"), fields, change)


_ACTIONS = (Action(N_("Edit"), "set", _edit),)

PAGE = Page(
    name="system-crash-dump",
    title=N_("Crash dumps"),
    rank=20,
    preview=_open,
    open=_open,
    verbs=("crash-dump",),
    actions=_ACTIONS,
)
