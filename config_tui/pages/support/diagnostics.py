"""Diagnostics: looks at everything and says what is wrong, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.checks import SEVERITY, check_line
from config_tui.kit.panel import Panel
from config_tui.kit.text import N_, _
from config_tui.listing import action_buttons
from config_tui.page import Action, Page

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.api.support import Diagnosis


def _preview(_application: Application) -> Any:
    words = _("Looks at hardware, network, storage, services and time. It may take a minute.")
    return Panel(body=[("heading", _("Diagnostics")), "", words])


def _open(application: Application) -> Any:
    return application.loading(
        application.host.support.diagnose,
        lambda found: _panel(application, found),
        _("Looking at everything; this may take a minute ..."),
    )


def _panel(application: Application, found: tuple[Diagnosis, ...]) -> Any:
    ordered = sorted(found, key=lambda one: SEVERITY.index(one.state))
    wrong = sum(one.state in ("failed", "warning") for one in found)
    words = _("Nothing is wrong.") if not wrong else _("To look at: {count}.").format(count=wrong)
    lines = [check_line(d.state, f"{d.group}: {d.name}", d.value, d.remedy) for d in ordered]
    return Panel([("heading", words), ""], lines, action_buttons(application, _ACTIONS))


def _again(application: Application, _key: str) -> None:
    application.rebuild()


_ACTIONS = (Action(N_("Look again"), "support diagnose", _again),)

PAGE = Page(
    name="support-diagnostics",
    title=N_("Diagnostics"),
    rank=20,
    preview=_preview,
    open=_open,
    verbs=("support diagnose",),
    actions=_ACTIONS,
    wide=True,
)
