"""Time: zone, servers, and whether the clock follows them."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from config_tui.checks import check_line
from config_tui.document_fields import edit_in_dialog, list_field
from config_tui.kit.dialog import choose
from config_tui.kit.fields import Field, YesNoField
from config_tui.kit.panel import Panel, labelled
from config_tui.kit.text import N_, _
from config_tui.listing import action_buttons
from config_tui.page import Action, Page

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.api.system import TimeStatus
    from host.document.model import HostDocument

_STATES = {"selected": "ok", "combined": "ok", "candidate": "ok", "unreachable": "failed"}
_WORDS = {
    "selected": N_("followed"),
    "combined": N_("taken into account"),
    "candidate": N_("could be followed"),
    "unreachable": N_("does not answer"),
    "unusable": N_("not usable"),
}


def _open(application: Application) -> Any:
    def build(found: TimeStatus) -> Any:
        return application.with_document(lambda document: _panel(application, document, found))

    return application.loading(application.host.system.time_status, build)


def _panel(application: Application, document: HostDocument, found: TimeStatus) -> Any:
    wanted = document.time
    servers = ", ".join((*wanted.ntp_servers, *wanted.ntp_pools)) or _("none")
    body: list[Any] = [
        ("heading", _("Time")),
        "",
        labelled(_("Now"), _now(found)),
        labelled(_("Time zone"), wanted.timezone),
        labelled(_("Servers"), servers),
        labelled(_("Hardware clock"), "UTC" if wanted.utc else _("local time")),
        "",
    ]
    state = "ok" if found.synchronised else "warning"
    words = _("The clock follows its servers.") if found.synchronised else ""
    if found.offset is not None:
        words += " " + _("It is off by {ms} ms.").format(ms=round(found.offset * 1000, 1))
    body.append(check_line(state, _("Synchronised"), words.strip() or _("It follows no server.")))
    if found.problem:
        body.append(check_line("warning", _("Time servers"), found.problem, found.remedy))
    for source in found.sources:
        why = _(_WORDS[source.state])
        body.append(check_line(_STATES.get(source.state, "warning"), source.name, why))
    return Panel(body=body, buttons=action_buttons(application, _ACTIONS))


def _now(found: TimeStatus) -> str:
    time = found.local_time
    zone = " UTC" if time.tzinfo is UTC else ""  # then its own zone could not be had
    return f"{time:%Y-%m-%d %H:%M}{zone}"


def _zone(application: Application, _key: str) -> None:
    from host.document.model import Time

    document = application.staging.wanted

    def chosen(name: str) -> None:
        time = Time(**{**dict(document.time), "timezone": name})
        application.stage(document.replacing(time=time))

    application.tasks.start(
        application.host.system.timezones,
        lambda names: choose(
            application.stack,
            _("Time zone"),
            [(name, name) for name in names],
            chosen,
            chosen=document.time.timezone,
        ),
        lambda failure: application.say(str(failure)),
    )


def _servers(application: Application, _key: str) -> None:
    from host.document.model import Time

    document = application.staging.wanted
    old = document.time
    fields: list[Field] = [
        list_field("ntp_servers", _("NTP servers"), old.ntp_servers, Time),
        list_field(
            "ntp_pools",
            _("NTP pools"),
            old.ntp_pools,
            Time,
            help=_("Names that stand for many servers, as in 2.pool.ntp.org."),
        ),
        YesNoField("utc", _("Hardware clock"), old.utc, text=_("keeps UTC")),
    ]

    def change(values: dict[str, Any]) -> HostDocument:
        plain = {name: () if value is None else value for name, value in values.items()}
        return document.replacing(time=Time(**{**dict(old), **plain}))

    edit_in_dialog(application, _("Time servers"), fields, change)


_ACTIONS = (
    Action(N_("Time zone"), "set", _zone),
    Action(N_("Servers"), "set", _servers),
)

PAGE = Page(
    name="time",
    title=N_("Time"),
    rank=20,
    preview=_open,
    open=_open,
    verbs=("time",),
    actions=_ACTIONS,
)
