"""The fields of a form: text, number, secret, choice, yes or no; checked while typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import urwid

from config_tui.kit import theme
from config_tui.kit.dialog import DialogStack, choose
from config_tui.kit.said import said
from config_tui.kit.text import _
from foundation.failure import Failure
from foundation.secret import Secret

Check = Callable[[str], Any]
"""Turns what was typed into a value; raises ValueError or Failure with what is wrong."""


class Field(urwid.WidgetWrap[Any]):
    """One line of a form: its widget, and under it the error while there is one.

    An error is shown once the field was edited or left, so that an untouched form is calm; it
    counts against submitting from the start. ``on_change`` is set by the form; ``is_asked`` by who
    makes the form, for a field that only makes sense with certain values in others.
    """

    def __init__(
        self,
        name: str,
        label: str,
        control: urwid.Widget,
        *,
        help: str = "",
        optional: bool = False,
    ) -> None:
        """``name`` is the key of the value, ``help`` one line about what to fill in."""
        self.name = name
        self.label = label
        self.help = help
        self.optional = optional
        self.touched = False
        self.outside_error = ""
        self.on_change: Callable[[], None] = lambda: None
        self.is_asked: Callable[[], bool] = lambda: True
        self._map = urwid.AttrMap(control, "field", "field.focus")
        self._error_line = urwid.Text("")
        self._pile = urwid.Pile([self._map])
        super().__init__(self._pile)

    def parsed(self) -> Any:
        """The value; raises ValueError or Failure."""
        raise NotImplementedError  # each kind of field has its own; urwid's metaclass rules ABC out

    @property
    def error(self) -> str:
        """What is wrong with the field now; empty when nothing is."""
        if self.outside_error:
            return self.outside_error
        try:
            self.parsed()
        except Failure as failure:
            return said(failure.cause)
        except ValueError as error:
            return said(str(error))
        return ""

    def asked_when(self, asked: Callable[[], bool]) -> Field:
        """Show the field only while ``asked`` says so; returns the field, for use in a list."""
        self.is_asked = asked
        return self

    def entered(self) -> None:
        """Called when the field gets the focus by a key."""

    def changed(self) -> None:
        """To be called by the control after every edit."""
        self.touched = True
        self.on_change()

    def show_error(self, *, force: bool = False) -> None:
        """Put the error under the field, or take it away."""
        error = self.error if (self.touched or force) else ""
        wanted = [self._map, self._error_line] if error else [self._map]
        if error:
            self._error_line.set_text(("error", f"{theme.current().glyphs.warning} {error}"))
        self._map.attr_map = {None: "field.wrong" if error else "field"}
        if [widget for widget, _options in self._pile.contents] != wanted:
            self._pile.contents = [(widget, self._pile.options("pack")) for widget in wanted]


class TextField(Field):
    """A line of text; ``check`` (see :data:`Check`) makes the value of it."""

    def __init__(
        self,
        name: str,
        label: str,
        value: str = "",
        *,
        check: Check = str,
        help: str = "",
        optional: bool = False,
        mask: str | None = None,
    ) -> None:
        """An ``optional`` field may stay empty; its value is then None."""
        self._check = check
        self.edit = urwid.Edit(edit_text=value, mask=mask, wrap="clip")
        urwid.connect_signal(self.edit, "postchange", lambda *_ignored: self.changed())
        super().__init__(name, label, self.edit, help=help, optional=optional)

    def set_text(self, text: str) -> None:
        """Fill in ``text`` without counting it as typed."""
        self.edit.set_edit_text(text)
        self.edit.set_edit_pos(len(text))
        self.touched = False
        self.show_error()

    def entered(self) -> None:
        """Typing goes on at the end, from wherever the cursor came."""
        self.edit.set_edit_pos(len(self.edit.edit_text))

    def parsed(self) -> Any:
        """What ``check`` makes of the text."""
        text = self.edit.edit_text.strip()
        if not text:
            if self.optional:
                return None
            raise ValueError(_("This must be filled in."))
        return self._check(text)


class SecretField(TextField):
    """A masked line whose value is a Secret; blanks at its ends belong to it."""

    def __init__(
        self,
        name: str,
        label: str,
        *,
        check: Callable[[Secret], Any] = lambda secret: secret,
        help: str = "",
        optional: bool = False,
    ) -> None:
        """It always starts empty: secrets are never shown again."""
        self._check_secret = check
        super().__init__(name, label, help=help, optional=optional, mask="*")

    def parsed(self) -> Any:
        """The secret after its check, or None when it may stay empty and is."""
        text = self.edit.edit_text
        if not text:
            if self.optional:
                return None
            raise ValueError(_("This must be filled in."))
        return self._check_secret(Secret(text))

    def forget(self) -> None:
        """Empty the field."""
        self.set_text("")


class NumberField(TextField):
    """A whole number from ``least`` to ``most``."""

    def __init__(
        self,
        name: str,
        label: str,
        value: int | None = None,
        *,
        least: int = 0,
        most: int = 2**31 - 1,
        help: str = "",
        optional: bool = False,
    ) -> None:
        """``value`` None starts empty."""

        def check(text: str) -> int:
            if not text.isdecimal() or not least <= int(text) <= most:
                raise ValueError(_("Write a number from {a} to {b}.").format(a=least, b=most))
            return int(text)

        super().__init__(
            name,
            label,
            "" if value is None else str(value),
            check=check,
            help=help,
            optional=optional,
        )


class _Clickable(urwid.SelectableIcon):
    """A text that does something on Enter, space, left and right."""

    def __init__(self, text: str, on_key: Callable[[str], bool]) -> None:
        super().__init__(text, 0)
        self._on_key = on_key

    def keypress(self, size: Any, key: str) -> Any:
        return None if self._on_key(key) else key


class ChoiceField(Field):
    """One of several values: left and right step, Enter or space opens a list to search in."""

    def __init__(
        self,
        name: str,
        label: str,
        options: Sequence[tuple[str, str]],
        value: str | None = None,
        *,
        stack: DialogStack | None = None,
        help: str = "",
    ) -> None:
        """``options`` are (value, label); ``stack`` is where the list opens."""
        self._options = list(options)
        self._stack = stack
        self.value = value if value is not None else self._options[0][0]
        self._icon = _Clickable("", self._key)
        super().__init__(name, label, self._icon, help=help)
        self._show()

    def parsed(self) -> str:
        """The value chosen."""
        return self.value

    def set_value(self, value: str) -> None:
        """Choose ``value``."""
        self.value = value
        self._show()
        self.changed()

    def _show(self) -> None:
        self._icon.set_text(f"< {dict(self._options).get(self.value, self.value)} >")

    def _key(self, key: str) -> bool:
        if key in ("left", "right"):
            values = [value for value, _label in self._options]
            place = values.index(self.value) if self.value in values else 0
            self.set_value(values[(place + (1 if key == "right" else -1)) % len(values)])
            return True
        if key in ("enter", " ") and self._stack is not None:
            choose(self._stack, self.label, self._options, self.set_value, chosen=self.value)
            return True
        return False


class YesNoField(Field):
    """A box to tick with space or Enter."""

    def __init__(
        self, name: str, label: str, value: bool = False, *, text: str = "", help: str = ""
    ) -> None:
        """``text`` stands behind the box and says what ticking it means."""
        self.value = value
        self._words = text
        self._icon = _Clickable("", self._key)
        super().__init__(name, label, self._icon, help=help)
        self._show()

    def parsed(self) -> bool:
        """Whether the box is ticked."""
        return self.value

    def _show(self) -> None:
        self._icon.set_text(f"[{'x' if self.value else ' '}] {self._words}".rstrip())

    def _key(self, key: str) -> bool:
        if key not in ("enter", " "):
            return False
        self.value = not self.value
        self._show()
        self.changed()
        return True
