"""What preflight found: each check with its remedy; warnings to be accepted one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from config_tui.checks import SEVERITY, check_line
from config_tui.kit import theme
from config_tui.kit.dialog import Button
from config_tui.kit.fields import Field, YesNoField
from config_tui.kit.form import Form, Values
from config_tui.kit.panel import Panel
from config_tui.kit.text import _
from config_tui.pages.manager.words import PREFLIGHT

if TYPE_CHECKING:
    from host.deployment.preflight_check import Preflight


def preflight_pane(
    checks: Sequence[Preflight],
    *,
    on_plan: Callable[[tuple[str, ...]], None],
    on_again: Callable[[], None],
    on_back: Callable[[], None],
) -> Any:
    """A list with what to do where something has failed; else a form for what is to be accepted."""
    ordered = sorted(checks, key=lambda check: SEVERITY.index(check.state))
    if any(check.state == "failed" for check in checks):
        lines = [
            check_line(check.state, _(PREFLIGHT[check.name]), check.measured, check.remedy)
            for check in ordered
        ]
        words = _("This stands in the way. Nothing was changed.")
        return Panel(
            head=[("error", words), ""],
            body=lines,
            buttons=[Button(_("Check again"), on_again), Button(_("Back"), on_back)],
        )
    doubtful = [check for check in ordered if check.state != "ok"]
    fields: list[Field] = [
        _Acceptance(
            check.name,
            _(PREFLIGHT[check.name]),
            text=_("I accept this"),
            help=check.remedy,
        )
        for check in doubtful
    ]

    def submit(_values: Values) -> None:
        on_plan(tuple(check.name for check in doubtful))

    return Form(
        fields,
        submit,
        submit=_("Show the plan"),
        on_cancel=on_back,
        cancel=_("Back"),
        introduction=_markup(ordered),
    )


def _markup(checks: Sequence[Preflight]) -> list[Any]:
    """The conclusion and what is doubtful last, beside the fields: the rest may scroll away."""
    well = [_line(check) for check in checks if check.state == "ok"]
    doubtful = [_line(check) for check in checks if check.state != "ok"]
    conclusion = ("heading", _("A Manager can be deployed here"))
    return [*well, "\n", conclusion, "\n", *doubtful]


def _line(check: Preflight) -> list[Any]:
    mark = theme.current().mark(check.state)
    return [(check.state, f"{mark} "), f"{_(PREFLIGHT[check.name])}: {check.measured}\n"]


class _Acceptance(YesNoField):
    """To be ticked, or there is no way on."""

    def parsed(self) -> bool:
        """True, or what is to be done."""
        if not self.value:
            raise ValueError(_("Tick this to go on."))
        return True
