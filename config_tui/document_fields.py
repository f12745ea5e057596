"""Fields that share the document's validators, and forms whose answer is a changed document.

What is typed is checked by the very models that read a document's file, so a page can neither
accept more nor less than the commands and a kickstart do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from config_tui.kit.dialog import show_failure
from config_tui.kit.fields import Field, TextField
from config_tui.kit.form import Form, FormDialog, Values
from config_tui.kit.said import said
from config_tui.kit.text import N_, _
from config_tui.page import Action
from foundation.failure import Failure

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

    from config_tui.application import Application
    from host.document.model import HostDocument

STAGE = Action(N_("Stage"), "set", lambda application, key: None)
"""What the button of a document form does, for the actions of pages that are one."""

_WORDS: Mapping[str, str] = {
    "int_parsing": N_("Write a whole number."),
    "int_type": N_("Write a whole number."),
    "greater_than_equal": N_("The least is {ge}."),
    "less_than_equal": N_("The most is {le}."),
    "ip_v4_address": N_("Write an IPv4 address as in 10.0.4.13."),
    "ip_v6_address": N_("Write an IPv6 address as in fd00:4::13."),
    "ip_any_address": N_("Write an IP address as in 10.0.4.13."),
    "ip_v4_interface": N_("Write an address with its prefix as in 10.0.4.13/24."),
    "ip_v6_interface": N_("Write an address with its prefix as in fd00:4::13/64."),
    "missing": N_("This must be filled in."),
}


def checked_by(model: type[BaseModel], field: str, *, many: bool = False) -> Callable[[str], Any]:
    """A field's check: what ``model`` says of its own ``field``.

    ``many`` takes a list, its items set apart by commas or blanks. The value is the text (or the
    list of texts): the model makes the final value of it when the form is submitted.
    """

    def check(text: str) -> Any:
        from pydantic import ValidationError

        value: Any = tuple(words(text)) if many else text
        try:
            model.model_validate({field: value})
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                if detail["loc"][:1] == (field,):
                    raise ValueError(message(detail)) from None
        return value

    return check


def words(text: str) -> list[str]:
    """The items of a list as people type it."""
    return [word for word in re.split(r"[,;\s]+", text) if word]


def message(detail: Any) -> str:
    """What pydantic found, in the words of a screen."""
    known = _WORDS.get(detail["type"])
    if known:
        return _(known).format(**detail.get("ctx", {}))
    text = said(str(detail["msg"]).removeprefix("Value error, "))
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?")) else ".")


def nested(values: Values) -> dict[str, Any]:
    """Values by dotted name as sections within sections; what was left empty is left out."""
    tree: dict[str, Any] = {}
    for name, value in values.items():
        if value is None or value == ():
            continue
        inside = tree
        *sections, last = name.split(".")
        for section in sections:
            inside = inside.setdefault(section, {})
        inside[last] = value
    return tree


def problems(error: ValidationError, names: Sequence[str]) -> dict[str, str]:
    """The problems by the form's field names; "" for those of the whole."""
    found: dict[str, str] = {}
    for detail in error.errors(include_url=False):
        place = [str(part) for part in detail["loc"]]
        matching = [
            name
            for name in names
            if any(
                place[start : start + len(name.split("."))] == name.split(".")
                for start in range(len(place))
            )
        ]
        name = max(matching, key=len) if matching else ""
        found[name] = f"{found[name]} {message(detail)}" if name in found else message(detail)
    return found


def document_form(
    application: Application,
    fields: Sequence[Field],
    change: Callable[[Values], HostDocument],
    *,
    introduction: Any = "",
    on_staged: Callable[[], None] = lambda: None,
    on_cancel: Callable[[], None] | None = None,
) -> Form:
    """A form whose submission stages what ``change`` makes of the values.

    ``change`` may raise pydantic's ValidationError or a Failure: then the form says so at its
    fields while typing, and nothing can be staged.
    """
    names = [field.name for field in fields]

    def together(values: Values) -> Mapping[str, str]:
        from pydantic import ValidationError

        try:
            change(values)
        except ValidationError as error:
            return problems(error, names)
        except Failure as failure:
            return {failure.where: said(failure.cause)}
        except ValueError as error:
            return {"": said(str(error))}
        return {}

    def submit(values: Values) -> None:
        try:
            document = change(values)
        except Failure as failure:
            show_failure(application.stack, failure)
            return
        on_staged()
        application.stage(document)

    return Form(
        fields,
        submit,
        submit=_(STAGE.label),
        on_cancel=on_cancel,
        together=together,
        introduction=introduction,
    )


def edit_in_dialog(
    application: Application,
    title: str,
    fields: Sequence[Field],
    change: Callable[[Values], HostDocument],
    *,
    introduction: Any = "",
) -> None:
    """A document form in a window."""
    form = document_form(
        application,
        fields,
        change,
        introduction=introduction,
        on_staged=lambda: application.stack.close(dialog),
        on_cancel=lambda: application.stack.close(dialog),
    )
    dialog = FormDialog(title, form, width=72)
    application.stack.open(dialog)


def list_field(
    name: str,
    label: str,
    values: Sequence[Any],
    model: type[BaseModel],
    *,
    help: str = "",
    optional: bool = True,
) -> TextField:
    """A line for several values of a document's list."""
    return TextField(
        name,
        label,
        ", ".join(str(value) for value in values),
        check=checked_by(model, name.rpartition(".")[2], many=True),
        help=help or _("Several are set apart by commas."),
        optional=optional,
    )


def model_field(
    name: str,
    label: str,
    value: Any,
    model: type[BaseModel],
    *,
    help: str = "",
    optional: bool = False,
) -> TextField:
    """A line for one value of a document."""
    return TextField(
        name,
        label,
        "" if value is None else str(value),
        check=checked_by(model, name.rpartition(".")[2]),
        help=help,
        optional=optional,
    )
