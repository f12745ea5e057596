"""Dialogs: windows over the screen that tell, ask, or let choose; Esc always leaves them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import urwid

from config_tui.kit import theme
from config_tui.kit.said import said
from config_tui.kit.text import _, cell_width
from foundation.failure import Failure

_MARGIN = 4
_WIDEST = 72


class Button(urwid.WidgetWrap[Any]):
    """A label in brackets; Enter or space presses it. Switched off, it is shown but not pressed."""

    def __init__(self, label: str, on_press: Callable[[], None]) -> None:
        """``on_press`` takes nothing: a button knows nothing of who listens."""
        self.label = label
        self._on_press = on_press
        self._enabled = True
        self._text = urwid.SelectableIcon(f"[ {label} ]", cursor_position=2)
        self._map = urwid.AttrMap(self._text, "button", "button.focus")
        super().__init__(self._map)

    @property
    def width(self) -> int:
        """Cells the button takes."""
        return cell_width(self.label) + 4

    def enable(self, enabled: bool) -> None:
        """Show whether pressing makes sense now."""
        if enabled != self._enabled:
            self._enabled = enabled
            self._map.attr_map = {None: "button" if enabled else "button.off"}
            frame = "[ {} ]" if enabled else "( {} )"
            self._text.set_text(frame.format(self.label))

    def keypress(self, size: Any, key: str) -> str | None:
        """Press on Enter and space."""
        if key in ("enter", " "):
            self._on_press()
            return None
        return key


def button_row(buttons: Sequence[Button]) -> urwid.Columns:
    """Buttons side by side."""
    sized: list[Any] = [(button.width, button) for button in buttons]
    return urwid.Columns(sized, dividechars=2)


def framed(body: Any, title: str, attribute: str = "dialog") -> urwid.Widget:
    """``body`` in a box with a title, drawn with the current glyphs."""
    glyphs = theme.current().glyphs
    box = urwid.LineBox(
        urwid.Padding(body, left=1, right=1),
        title=title,
        title_attr="dialog.title",
        title_align="left",
        tlcorner=glyphs.top_left,
        trcorner=glyphs.top_right,
        blcorner=glyphs.bottom_left,
        brcorner=glyphs.bottom_right,
        tline=glyphs.horizontal,
        bline=glyphs.horizontal,
        lline=glyphs.vertical,
        rline=glyphs.vertical,
    )
    return urwid.AttrMap(box, attribute)


class Window(Protocol):
    """What can be opened on a DialogStack: a box widget that knows the size it wants, in cells."""

    width: int

    def rows_wanted(self, width: int) -> int:
        """The height it wants at ``width``."""


class DialogStack(urwid.WidgetPlaceholder[Any]):
    """A screen's root: the screen itself and the dialogs open over it, the last on top."""

    def __init__(self, base: urwid.Widget) -> None:
        """Show ``base`` with no dialog."""
        super().__init__(base)
        self.base = base
        self._open: list[Window] = []

    def set_base(self, base: urwid.Widget) -> None:
        """Replace what lies under the dialogs."""
        self.base = base
        self._lay_out()

    @property
    def top(self) -> Window | None:
        """The dialog that has the keyboard, if any."""
        return self._open[-1] if self._open else None

    def open(self, dialog: Window) -> None:
        """Put ``dialog`` on top."""
        self._open.append(dialog)
        self._lay_out()

    def close(self, dialog: Window) -> None:
        """Take ``dialog`` away, and those that were opened over it."""
        if dialog in self._open:
            del self._open[self._open.index(dialog) :]
            self._lay_out()

    def close_all(self) -> None:
        """Take all dialogs away."""
        self._open.clear()
        self._lay_out()

    def _lay_out(self) -> None:
        widget: Any = self.base
        for dialog in self._open:
            widget = _Centered(dialog, widget)
        self.original_widget = widget


class _Centered(urwid.Overlay[Any, Any]):
    """An overlay as large as its dialog wants and the screen allows."""

    def __init__(self, dialog: Window, below: Any) -> None:
        super().__init__(dialog, below, "center", 40, "middle", 10)
        self._dialog = dialog

    def calculate_padding_filler(self, size: Any, focus: bool) -> Any:
        columns, rows = size
        width = min(self._dialog.width, max(10, columns - 2))
        height = min(self._dialog.rows_wanted(width), rows)
        left = (columns - width) // 2
        top = max(0, (rows - height) // 2)
        return left, columns - width - left, top, rows - height - top


class Dialog(urwid.WidgetWrap[Any]):
    """A titled box with lines that scroll if they must, and buttons below."""

    def __init__(
        self,
        title: str,
        content: Sequence[Any],
        buttons: Sequence[Button],
        *,
        width: int = 60,
        on_escape: Callable[[], None] = lambda: None,
        focus_buttons: bool = True,
    ) -> None:
        """``content`` are flow widgets; ``width`` is in cells and includes the frame."""
        self.width = min(width, _WIDEST)
        self._on_escape = on_escape
        self._content = list(content)
        self.body: urwid.ListBox[Any] = urwid.ListBox(urwid.SimpleFocusListWalker(self._content))
        self._buttons = button_row(buttons)
        self._pile = urwid.Pile([self.body, ("pack", urwid.Divider()), ("pack", self._buttons)])
        if focus_buttons:
            self._pile.focus_position = 2
        super().__init__(framed(self._pile, title))

    def rows_wanted(self, width: int) -> int:
        """The height that shows everything, frame and buttons included."""
        inner = max(1, width - _MARGIN)
        rows: int = sum(widget.rows((inner,), False) for widget in self._content)
        return rows + 4

    def keypress(self, size: Any, key: str) -> str | None:
        """Esc leaves; Tab goes round between content and buttons; scrolling keys scroll."""
        if key == "esc":
            self._on_escape()
            return None
        if key in ("tab", "shift tab"):
            self._walk(1 if key == "tab" else -1)
            return None
        left: str | None = super().keypress(size, key)
        if left in ("page up", "page down", "up", "down"):
            inner = (max(1, size[0] - _MARGIN), max(1, size[1] - 4))
            self.body.keypress(inner, left)
            return None
        return left

    def _walk(self, step: int) -> None:
        columns = self._buttons
        stops: list[tuple[int, int]] = [
            (0, place) for place, widget in enumerate(self._content) if widget.selectable()
        ]
        stops += [(2, place) for place in range(len(columns.contents))]
        here = (
            (0, self.body.focus_position)
            if self._pile.focus_position == 0
            else (2, columns.focus_position)
        )
        area, place = stops[(stops.index(here) + step) % len(stops)] if here in stops else stops[0]
        self._pile.focus_position = area
        if area == 0:
            self.body.focus_position = place
        else:
            columns.focus_position = place


def tell(
    stack: DialogStack, title: str, text: Any, on_closed: Callable[[], None] = lambda: None
) -> None:
    """Show ``text`` (a string or urwid markup) until it is acknowledged."""

    def close() -> None:
        stack.close(dialog)
        on_closed()

    dialog = Dialog(title, [urwid.Text(text)], [Button(_("Close"), close)], on_escape=close)
    stack.open(dialog)


def show_failure(
    stack: DialogStack, failure: Failure, on_closed: Callable[[], None] = lambda: None
) -> None:
    """Show cause, remedy, details and log of a failure."""
    tell(stack, _("Something went wrong"), failure_markup(failure), on_closed)


def failure_markup(failure: Failure) -> list[Any]:
    """The parts of a failure as lines: the cause marked, then remedy, place, details, log."""
    mark = theme.current().glyphs.warning
    where = f"{failure.where}: " if failure.where else ""
    markup: list[Any] = [("error", f"{mark} {where}{said(failure.cause)}")]
    if failure.remedy:
        markup.append(f"\n\n{said(failure.remedy)}")
    if failure.details:
        markup.append(("dim", f"\n\n{failure.details.strip()}"))
    if failure.log:
        markup.append(f"\n\n{_('Log')}: {failure.log}")
    return markup


def confirm(
    stack: DialogStack,
    title: str,
    text: Any,
    yes: str,
    on_yes: Callable[[], None],
    *,
    on_no: Callable[[], None] = lambda: None,
) -> None:
    """Ask before something happens; the harmless answer has the focus."""

    def answer(callback: Callable[[], None]) -> Callable[[], None]:
        def close() -> None:
            stack.close(dialog)
            callback()

        return close

    dialog = Dialog(
        title,
        [urwid.Text(text)],
        [Button(_("Cancel"), answer(on_no)), Button(yes, answer(on_yes))],
        on_escape=answer(on_no),
    )
    stack.open(dialog)


def confirm_by_name(
    stack: DialogStack,
    title: str,
    text: Any,
    name: str,
    yes: str,
    on_yes: Callable[[], None],
    *,
    on_no: Callable[[], None] = lambda: None,
) -> None:
    """Ask for ``name`` to be typed before something that cannot be undone."""
    edit = urwid.Edit()
    wrong = urwid.Text("")

    def check() -> None:
        if edit.edit_text.strip() == name:
            stack.close(dialog)
            on_yes()
        else:
            mark = theme.current().glyphs.warning
            wrong.set_text(("error", f"{mark} {_('That is not the name')}: {name}"))

    def cancel() -> None:
        stack.close(dialog)
        on_no()

    dialog = Dialog(
        title,
        [
            urwid.Text(text),
            urwid.Divider(),
            urwid.Text([_("To go on, type"), " ", ("heading", name)]),
            urwid.AttrMap(edit, "field", "field.focus"),
            wrong,
        ],
        [Button(_("Cancel"), cancel), Button(yes, check)],
        on_escape=cancel,
        focus_buttons=False,
    )
    dialog.body.focus_position = 3
    stack.open(dialog)


def choose(
    stack: DialogStack,
    title: str,
    options: Sequence[tuple[str, str]],
    on_chosen: Callable[[str], None],
    *,
    chosen: str | None = None,
) -> None:
    """Let one of ``options`` (value, label) be chosen; typing narrows the list."""
    picker = _Picker(options, chosen, lambda value: finish(value))

    def finish(value: str | None) -> None:
        stack.close(dialog)
        if value is not None:
            on_chosen(value)

    dialog = Dialog(
        title,
        [urwid.BoxAdapter(picker, min(12, max(3, len(options) + 2)))],
        [Button(_("Cancel"), lambda: finish(None))],
        on_escape=lambda: finish(None),
        focus_buttons=False,
    )
    stack.open(dialog)


class _Picker(urwid.WidgetWrap[Any]):
    """A list narrowed by what is typed."""

    def __init__(
        self,
        options: Sequence[tuple[str, str]],
        chosen: str | None,
        on_chosen: Callable[[str], None],
    ) -> None:
        self._options = options
        self._on_chosen = on_chosen
        self._typed = ""
        self._line = urwid.Text("")
        self._walker: urwid.SimpleFocusListWalker[Any] = urwid.SimpleFocusListWalker([])
        self._list: urwid.ListBox[Any] = urwid.ListBox(self._walker)
        super().__init__(urwid.Pile([("pack", self._line), self._list], focus_item=1))
        self._narrow(chosen)

    def _narrow(self, chosen: str | None = None) -> None:
        self._shown = [o for o in self._options if self._typed.lower() in o[1].lower()]
        rows = [
            urwid.AttrMap(urwid.SelectableIcon(label, 0), "body", "focus")
            for _value, label in self._shown
        ]
        self._walker[:] = rows
        for place, (value, _label) in enumerate(self._shown):
            if value == chosen:
                self._list.focus_position = place
        if self._options and not self._shown:
            self._line.set_text(("error", f"! {_('Nothing matches')} “{self._typed}”"))
        else:
            hint = self._typed or _("type to search")
            self._line.set_text(("help", hint))

    def keypress(self, size: Any, key: str) -> str | None:
        if key == "enter":
            if self._shown:
                self._on_chosen(self._shown[self._list.focus_position][0])
            return None
        if len(key) == 1 and key.isprintable():
            self._typed += key
            self._narrow()
            return None
        if key == "backspace" and self._typed:
            self._typed = self._typed[:-1]
            self._narrow()
            return None
        left: str | None = super().keypress(size, key)
        return left
