"""The plan: what will change in which order, its risks, and what must be said yes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import urwid

from config_tui.kit import theme
from config_tui.kit.dialog import Button
from config_tui.kit.fields import Field, NumberField, TextField, YesNoField
from config_tui.kit.form import Form, Values
from config_tui.kit.said import said
from config_tui.kit.text import N_, _

if TYPE_CHECKING:
    from host.change import Change
    from host.plan import Plan

_DEFAULT_COUNTDOWN = 60
_LONGEST_COUNTDOWN = 900


@dataclass(frozen=True)
class Consent:
    """What a person said yes to. ``countdown`` in seconds, None where none is needed."""

    erase: tuple[str, ...]
    acknowledged: tuple[str, ...]
    countdown: int | None


RISKS = {
    "none": "",
    "service": N_("a service is restarted"),
    "connection": N_("may cut connections"),
    "data": N_("erases data"),
}


def plan_pane(
    plan: Plan,
    *,
    management: str,
    on_apply: Callable[[Consent], None],
    on_back: Callable[[], None],
) -> Any:
    """The plan as a form: its consents are its fields. ``management`` is the way one is connected.

    Applying is off until each name to be erased is typed and the cut connection is accepted.
    """
    fields: list[Field] = [
        TextField(
            f"erase {name}",
            _("Type {name}").format(name=name),
            check=_exactly(name),
            help=_("Everything on {name} is lost. Type its name to go on.").format(name=name),
        )
        for name in plan.erases
    ]
    fields += [
        _Acknowledgement(
            f"acknowledge {word}",
            _("Special risk"),
            text=_in_words(plan, word),
            help=_("This is hard to come back from. Tick it if you mean it."),
        )
        for word in plan.acknowledgements
    ]
    if plan.cuts_connections:
        fields += [_acknowledgement(management), _countdown()]

    def submit(values: Values) -> None:
        on_apply(Consent(plan.erases, plan.acknowledgements, values.get("countdown")))

    return Form(
        fields,
        submit,
        submit=_("Apply"),
        on_cancel=on_back,
        cancel=_("Back"),
        introduction=plan_markup(plan),
    )


def plan_markup(plan: Plan) -> list[Any]:
    """The plan as text: risks first, then each change with the lines that change."""
    mark = theme.current().glyphs.warning
    markup: list[Any] = [("heading", _("This will be done")), "\n"]
    for risk in (*plan.risks, *plan.notes):
        markup.append(("error", f"{mark} {said(risk)}\n"))
    for number, change in enumerate(plan.changes, 1):
        markup += ["\n", *_change_markup(number, change)]
    if not plan.changes:
        markup += ["\n", _("Only the host document changes; the host already is as it says.")]
    return markup


def _change_markup(number: int, change: Change) -> list[Any]:
    risk = RISKS.get(change.risk, "")
    markup: list[Any] = [f"{number:2}. {said(change.summary)}"]
    if risk:
        markup.append(("warning", f"  ! {_(risk)}"))
    for line in change.details.splitlines():
        attribute = {"+": "added", "-": "removed"}.get(line[:1], "dim")
        markup.append((attribute, f"\n    {line}"))
    return markup


def _in_words(plan: Plan, word: str) -> str:
    """What is acknowledged: the change that asks for it."""
    return next(said(change.summary) for change in plan.changes if change.acknowledge == word)


def _exactly(name: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text != name:
            raise ValueError(_("This is not the name: {name}").format(name=name))
        return text

    return check


class _Acknowledgement(YesNoField):
    def parsed(self) -> bool:
        if not self.value:
            raise ValueError(_("Tick this to go on."))
        return True


def _acknowledgement(management: str) -> Field:
    words = _("I may be cut off")
    if management:
        words = _("{name} may be cut off").format(name=management)
    return _Acknowledgement(
        "acknowledged",
        _("Management path"),
        text=words,
        help=_("Unless you confirm in time, the old configuration comes back by itself."),
    )


def _countdown() -> Field:
    return NumberField(
        "countdown",
        _("Seconds to confirm"),
        _DEFAULT_COUNTDOWN,
        least=10,
        most=_LONGEST_COUNTDOWN,
        help=_("How long you have to say that the host can still be reached."),
    )


def nothing_to_do(on_back: Callable[[], None]) -> urwid.Widget:
    """A plan without changes."""
    from config_tui.kit.panel import Panel

    words = _("Nothing would change: the host is already as the document says.")
    return Panel(body=[words], buttons=[Button(_("Back"), on_back)])
