"""Status: who and where the host is, its health with reasons, its interfaces. Shows no secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import urwid

from config_tui.kit import theme
from config_tui.kit.said import said
from config_tui.kit.text import N_, _, duration_in_words
from config_tui.page import Page
from host.status import NOT_A_MEMBER, HealthCheck, HostStatus, InterfaceStatus

if TYPE_CHECKING:
    from config_tui.application import Application

_LABEL = 11
_CHECK = 20
_SEVERITY = ("failed", "warning", "unknown", "ok")
_MANY = 1000


def _show(application: Application) -> urwid.Widget:
    return urwid.ListBox(urwid.SimpleFocusListWalker(status_lines(application)))


def _refresh(application: Application, page: Any) -> None:
    """Change the lines in place, so that the person stays where they scrolled to."""
    page.body[:] = status_lines(application)


def status_lines(application: Application) -> list[Any]:
    """The status as widgets from top to bottom; what is not known yet says so."""
    status = application.status
    identity = application.identity
    lines: list[Any] = [_line(_("Host name"), identity.hostname, "heading")]
    if status is None:
        failure = application.status_failure
        words: Any = _("Looking at the host ...")
        if failure is not None:
            words = (
                "error",
                f"{theme.current().glyphs.warning} {said(failure.cause)} {said(failure.remedy)}",
            )
        return [*lines, _line(_("Address"), _("looking ...")), urwid.Divider(), urwid.Text(words)]
    lines += _summary(status)
    lines += [urwid.Divider(), urwid.Text(("heading", _("Health")))]
    lines += [
        _check(check) for check in sorted(status.checks, key=lambda c: _SEVERITY.index(c.state))
    ]
    lines += [urwid.Divider(), urwid.Text(("heading", _("Network interfaces")))]
    lines += [_interface(interface) for interface in status.interfaces]
    return lines


def _summary(status: HostStatus) -> list[Any]:
    address = status.management_address
    where = f"  ({status.management})" if status.management else ""
    mark = theme.current().glyphs.warning
    shown: Any = f"{address}{where}" if address else ("error", f"{mark} {_('none')}{where}")
    guests = "" if status.guests is None else f", {_('guests running')}: {status.guests}"
    version = f"{status.identity.product} {status.identity.version}"
    return [
        _line(_("Version"), version),
        _line(_("Address"), shown),
        _line(_("Gateway"), status.gateway or _("none")),
        _line(_("Manager"), _("none joined") if status.manager == NOT_A_MEMBER else status.manager),
        _line(_("Running"), duration_in_words(status.uptime) + guests),
    ]


def _line(label: str, value: Any, attribute: str = "body") -> urwid.Widget:
    text = urwid.Text((attribute, value) if isinstance(value, str) else value)
    return urwid.Columns([(_LABEL, urwid.Text(("dim", label), wrap="clip")), text])


def _check(check: HealthCheck) -> urwid.Widget:
    mark = theme.current().mark(check.state)
    words: list[Any] = [said(check.reason)]
    if check.remedy and check.state != "ok":
        words.append(("dim", f"\n{said(check.remedy)}"))
    return urwid.Columns(
        [
            (3, urwid.Text((check.state, mark))),
            (_CHECK, urwid.Text(said(check.name), wrap="clip")),
            urwid.Text(words),
        ]
    )


def _interface(interface: InterfaceStatus) -> urwid.Widget:
    if interface.link:
        state: Any = speed_in_words(interface.speed) or _("up")
    else:
        state = ("dim", _("no link"))
    details = list(interface.addresses)
    if interface.controller:
        details.append(_("in {controller}").format(controller=interface.controller))
    if interface.kind == "ethernet" or not details:
        details.append(interface.mac)
    return urwid.Columns(
        [
            (3, urwid.Text("")),
            (_CHECK - 10, urwid.Text(interface.name, wrap="clip")),
            (10, urwid.Text(state, wrap="clip")),
            urwid.Text("\n".join(details)),
        ],
        dividechars=0,
    )


def speed_in_words(speed: int | None) -> str:
    """Mbit/s as people say it: ``10 Gbit/s``."""
    if speed is None:
        return ""
    return f"{speed / _MANY:g} Gbit/s" if speed >= _MANY else f"{speed} Mbit/s"


PAGE = Page(
    name="status",
    title=N_("Status"),
    rank=0,
    preview=_show,
    open=_show,
    refresh=_refresh,
    needs_login=False,
    verbs=("status",),
)
