"""A form: fields with labels, errors under them while typing, submit only when all is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import urwid

from config_tui.kit import theme
from config_tui.kit.dialog import Button, button_row, framed
from config_tui.kit.fields import Field
from config_tui.kit.text import _, cell_width, pad

_WIDEST_LABEL = 26
Values = dict[str, Any]
Checks = Callable[[Values], Mapping[str, str]]
"""What is wrong between fields: field name to message, "" for what is wrong with the whole; called
when each field alone is right."""


class Form(urwid.WidgetWrap[Any]):
    """Fields from top to bottom, then the buttons, then one line of help for the field in focus."""

    def __init__(
        self,
        fields: Sequence[Field],
        on_submit: Callable[[Values], None],
        *,
        submit: str = "",
        on_cancel: Callable[[], None] | None = None,
        cancel: str = "",
        together: Checks = lambda values: {},
        introduction: Any = "",
        enter_submits: bool = False,
        cautious: bool = False,
    ) -> None:
        """``submit`` and ``cancel`` label the buttons; ``together`` checks fields as a whole.

        ``enter_submits`` lets Enter in the last field submit, for forms that do no harm.
        ``cautious`` puts Cancel first, so that Enter upon Enter does none.
        """
        self._enter_submits = enter_submits
        self.fields = list(fields)
        self._on_submit = on_submit
        self._on_cancel = on_cancel
        self._together = together
        self._submit = Button(submit or _("OK"), self.submit)
        buttons = [self._submit]
        if on_cancel is not None:
            buttons.insert(0 if cautious else 1, Button(cancel or _("Cancel"), on_cancel))
        self._buttons = button_row(buttons)
        self._help = urwid.Text("")
        self._saying = ""
        self._introduction = introduction
        self._whole_error = urwid.Text("")
        label_width = min(_WIDEST_LABEL, max((cell_width(f.label) for f in fields), default=0)) + 2
        self._lines: dict[str, urwid.Widget] = {}
        for field in self.fields:
            field.on_change = self._check
            glyph = theme.current().glyphs.ellipsis
            label = urwid.Text(("label", pad(field.label, label_width, ellipsis=glyph)))
            self._lines[field.name] = urwid.Columns([(label_width, label), field])
        self._row_of: dict[str, int] = {}
        self._button_row = 0
        self._rows: urwid.SimpleFocusListWalker[Any] = urwid.SimpleFocusListWalker([])
        self._list: urwid.ListBox[Any] = urwid.ListBox(self._rows)
        super().__init__(self._list)
        self._check()
        self.focus_field(self.asked[0].name if self.asked else "")

    @property
    def asked(self) -> list[Field]:
        """The fields that make sense now, in their order."""
        return [field for field in self.fields if field.is_asked()]

    def _lay_out(self) -> None:
        """Make the rows anew when other fields are asked, or an error of the whole has come."""
        rows: list[Any] = []
        if self._introduction:
            rows += [urwid.Text(self._introduction), urwid.Divider()]
        places: dict[str, int] = {}
        for field in self.asked:
            places[field.name] = len(rows)
            rows.append(self._lines[field.name])
        if self._whole_error.text:
            rows += [urwid.Divider(), self._whole_error]
        button_row = len(rows) + 1
        rows += [urwid.Divider(), self._buttons, urwid.Divider(), self._help]
        if places == self._row_of and button_row == self._button_row:
            return
        before = self._field_in_focus()
        on_buttons = bool(self._rows) and self._list.focus_position == self._button_row
        self._rows[:] = rows
        self._row_of, self._button_row = places, button_row
        if on_buttons:
            self._list.focus_position = button_row
        elif before is not None and before.name in places:
            self._list.focus_position = places[before.name]

    @property
    def is_right(self) -> bool:
        """Whether everything is filled in rightly."""
        return not self._wrong() and not self._whole_error.text

    def values(self) -> Values:
        """The values by field name; raises what the first wrong field raises."""
        return {field.name: field.parsed() for field in self.asked}

    def rows_wanted(self, width: int) -> int:
        """The height that shows the whole form in ``width`` cells."""
        return sum(row.rows((width,), False) for row in self._rows)

    def focus_field(self, name: str) -> None:
        """Put the cursor into a field."""
        self._list.focus_position = self._row_of.get(name, self._button_row)

    def show_errors(self, errors: Mapping[str, str]) -> None:
        """Show errors found by others (a plan, a server) at their fields; the next edit clears."""
        for field in self.fields:
            if field.name in errors:
                field.outside_error = errors[field.name]
                field.show_error(force=True)
        self._submit.enable(self.is_right)

    def say(self, words: str) -> None:
        """Show ``words`` in the help line, as while something is being checked; empty ends it."""
        self._saying = words
        self._invalidate()

    def submit(self) -> None:
        """Hand over the values, or lead to the first field that is wrong."""
        wrong = self._wrong()
        if self.is_right:
            self._on_submit(self.values())
            return
        for field in self.asked:
            field.touched = True
            field.show_error()
        if wrong:
            self.focus_field(wrong[0].name)

    def _wrong(self) -> list[Field]:
        return [field for field in self.asked if field.error]

    def _check(self) -> None:
        for field in self.fields:
            field.outside_error = ""
        whole = []
        if not self._wrong():
            asked = {field.name: field for field in self.asked}
            for name, message in self._together(self.values()).items():
                if name in asked:
                    asked[name].outside_error = message
                else:
                    whole.append(message)
        mark = theme.current().glyphs.warning
        self._whole_error.set_text([("error", f"{mark} {' '.join(whole)}")] if whole else "")
        for field in self.fields:
            field.show_error()
        self._lay_out()
        self._submit.enable(self.is_right)

    def _field_in_focus(self) -> Field | None:
        if not self._rows:
            return None
        place = self._list.focus_position
        return next((f for f in self.fields if self._row_of.get(f.name) == place), None)

    def render(self, size: Any, focus: bool = False) -> urwid.Canvas:
        """Draw, with the help of the field that has the focus."""
        field = self._field_in_focus()
        wrong = len(self._wrong())
        if self._saying:
            self._help.set_text(("help", self._saying))
        elif field is not None:
            self._help.set_text(("help", field.help))
        elif wrong:
            mark = theme.current().glyphs.warning
            self._help.set_text(("help", f"{mark} {_('Fields that need attention')}: {wrong}"))
        else:
            self._help.set_text("")
        canvas: urwid.Canvas = super().render(size, focus)
        return canvas

    def keypress(self, size: Any, key: str) -> str | None:
        """Tab, arrows and Enter go from field to field; Esc cancels."""
        if key == "esc" and self._on_cancel is not None:
            self._on_cancel()
            return None
        before = self._field_in_focus()
        if key in ("tab", "shift tab"):
            self._walk(1 if key == "tab" else -1)
            left: str | None = None
        else:
            left = super().keypress(size, key)
            if left in ("left", "right"):  # at an end of a field: not a way out of the page
                left = None
            if left == "enter" and before is not None:
                if self._enter_submits and before is self.asked[-1]:
                    self.submit()
                else:
                    self._walk(1)
                left = None
        after = self._field_in_focus()
        if after is not before:
            if before is not None:
                before.touched = True
                before.show_error()
            if after is not None:
                after.entered()
        return left

    def _walk(self, step: int) -> None:
        stops = [(self._row_of[field.name], 0) for field in self.asked]
        stops += [(self._button_row, place) for place in range(len(self._buttons.contents))]
        row = self._list.focus_position
        place = self._buttons.focus_position if row == self._button_row else 0
        here = stops.index((row, place)) if (row, place) in stops else -1
        row, place = stops[(here + step) % len(stops)]
        self._list.focus_position = row
        if row == self._button_row:
            self._buttons.focus_position = place


class FormDialog(urwid.WidgetWrap[Any]):
    """A form in a window, to be opened on a DialogStack; the form's own buttons close it."""

    def __init__(self, title: str, form: Form, *, width: int = 60) -> None:
        """``width`` is in cells and includes the frame."""
        self.form = form
        self.width = width
        super().__init__(framed(form, title))

    def rows_wanted(self, width: int) -> int:
        """The height that shows the whole form and the frame."""
        return self.form.rows_wanted(max(1, width - 4)) + 2
