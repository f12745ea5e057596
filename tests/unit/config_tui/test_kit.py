from __future__ import annotations

import pytest
import urwid
from hypothesis import given
from hypothesis import strategies as st

from config_tui.kit.dialog import DialogStack, choose, confirm_by_name
from config_tui.kit.fields import ChoiceField, NumberField, SecretField, TextField, YesNoField
from config_tui.kit.form import Form, Values
from config_tui.kit.progress import Estimate, progress_in_words
from config_tui.kit.table import Column, Row, Table, column_widths
from config_tui.kit.tasks import Tasks
from config_tui.kit.text import bytes_in_words, cell_width, cut, duration_in_words, pad
from config_tui.kit.theme import ASCII, UNICODE, theme_for
from foundation.failure import Failure
from foundation.secret import Secret

SIZE = (60, 20)


@given(st.text(), st.integers(0, 40))
def test_cut_and_pad_keep_to_cells(text: str, width: int) -> None:
    text = "".join(c for c in text if c.isprintable())
    assert cell_width(cut(text, width)) <= width
    assert cell_width(pad(text, width)) == width


def test_quantities_in_words() -> None:
    assert bytes_in_words(1023) == "1023 bytes" and bytes_in_words(1536) == "1.50 KiB"
    assert bytes_in_words(3 << 40) == "3.00 TiB"
    assert duration_in_words(0) == "0 s" and duration_in_words(93784) == "1 d 2 h"
    assert duration_in_words(3600) == "1 h" and duration_in_words(125) == "2 min 5 s"


def test_rate_and_time_left() -> None:
    now = 0.0
    estimate = Estimate(lambda: now)
    estimate.report(0, 1 << 30)
    assert estimate.rate is None and estimate.seconds_left is None
    now = 4.0
    estimate.report(256 << 20, 1 << 30)
    assert progress_in_words(estimate) == "256 MiB of 1.00 GiB, 64.0 MiB/s, 12 s left"
    now = 5.0
    estimate.report(0, 1 << 30)
    assert estimate.rate is None


@pytest.mark.parametrize(
    ("term", "encoding", "glyphs", "colors"),
    [
        ("xterm-256color", "UTF-8", UNICODE, 16),
        ("linux", "utf8", UNICODE, 16),
        ("linux", "ANSI_X3.4-1968", ASCII, 16),
        ("vt220", "UTF-8", ASCII, 1),
        ("dumb", "UTF-8", ASCII, 1),
        ("", "UTF-8", ASCII, 1),
    ],
)
def test_the_look_follows_the_terminal(
    term: str, encoding: str, glyphs: object, colors: int
) -> None:
    look = theme_for(term, encoding)
    assert look.glyphs is glyphs and look.colors == colors


def form(done: list[Values]) -> Form:
    return Form(
        [
            TextField("name", "Name"),
            SecretField("password", "Password"),
            NumberField("vlan", "VLAN", least=1, most=4094, optional=True),
            YesNoField("ssh", "SSH"),
            ChoiceField("keyboard", "Keyboard", [("us", "English"), ("es", "Spanish")]),
        ],
        done.append,
        on_cancel=lambda: done.append({}),
        together=lambda values: (
            {"vlan": "No VLAN for root."} if values["name"] == "root" and values["vlan"] else {}
        ),
    )


def shown(widget: urwid.Widget) -> str:
    return "\n".join(line.decode() for line in widget.render(SIZE, True).text)


def test_a_form_is_calm_until_touched_and_submits_only_what_is_right() -> None:
    done: list[Values] = []
    made = form(done)
    assert "!" not in shown(made) and not made.is_right
    made.submit()
    assert done == [] and "! This must be filled in." in shown(made)
    for key in "root":
        made.keypress(SIZE, key)
    made.keypress(SIZE, "tab")
    for key in "pw":
        made.keypress(SIZE, key)
    assert "pw" not in shown(made).replace("Password", "")
    made.keypress(SIZE, "tab")
    made.keypress(SIZE, "9")
    assert "! No VLAN for root." in shown(made) and not made.is_right
    made.keypress(SIZE, "backspace")
    made.keypress(SIZE, "tab")
    made.keypress(SIZE, " ")
    made.keypress(SIZE, "tab")
    made.keypress(SIZE, "right")
    made.submit()
    assert done == [
        {"name": "root", "password": Secret("pw"), "vlan": None, "ssh": True, "keyboard": "es"}
    ]
    assert "pw" not in repr(done)


def test_tab_visits_every_field_and_comes_round() -> None:
    made = form([])
    seen = []
    for _step in range(len(made.fields) + 2):
        field = made._field_in_focus()
        seen.append(field.name if field else "button")
        made.keypress(SIZE, "tab")
    assert seen == ["name", "password", "vlan", "ssh", "keyboard", "button", "button"]
    first = made._field_in_focus()
    assert first is not None and first.name == "name"


def test_errors_from_outside_win_until_the_next_edit() -> None:
    made = form([])
    made.show_errors({"name": "Taken."})
    assert "! Taken." in shown(made)
    made.keypress(SIZE, "x")
    assert "Taken" not in shown(made)


def test_typing_the_name_is_needed() -> None:
    stack = DialogStack(urwid.SolidFill(" "))
    said: list[str] = []
    confirm_by_name(stack, "Erase", "All of it.", "sda", "Erase", lambda: said.append("yes"))
    stack.render(SIZE, True)
    for key in ("s", "d", "tab", "tab", "enter"):
        stack.keypress(SIZE, key)
    assert said == [] and "That is not the name" in shown(stack)
    for key in ("shift tab", "shift tab", "a", "tab", "tab", "enter"):
        stack.keypress(SIZE, key)
    assert said == ["yes"] and stack.top is None


def test_a_choice_is_narrowed_by_typing() -> None:
    stack = DialogStack(urwid.SolidFill(" "))
    chosen: list[str] = []
    options = [("eu", "Europe/Madrid"), ("as", "Asia/Tokyo"), ("us", "America/New_York")]
    choose(stack, "Time zone", options, chosen.append)
    stack.render(SIZE, True)
    for key in "tok":
        stack.keypress(SIZE, key)
    assert "Madrid" not in shown(stack)
    stack.keypress(SIZE, "enter")
    assert chosen == ["as"]


@given(
    st.lists(st.tuples(st.text("ab", max_size=30), st.text("c", max_size=30)), max_size=5),
    st.integers(12, 80),
)
def test_columns_fit(cells: list[tuple[str, str]], width: int) -> None:
    columns = [Column("One"), Column("Two", optional=True)]
    rows = [Row(str(n), pair) for n, pair in enumerate(cells)]
    widths = column_widths(columns, rows, width)
    assert sum(widths) + 2 * (sum(1 for w in widths if w) - 1) <= width


def test_a_row_with_a_reason_cannot_be_ticked() -> None:
    ticked: set[str] = set()
    table = Table(
        [Column("Disk")], [Row("sda", ("sda",)), Row("sr0", ("sr0",), "the medium")], ticked=ticked
    )
    table.render(SIZE, True)
    for key in (" ", "down", " "):
        table.keypress(SIZE, key)
    assert ticked == {"sda"} and "the medium" in shown(table)


def test_tasks_report_in_the_screens_thread_and_hide_defects() -> None:
    tasks, said = Tasks(), []
    tasks.start(lambda: 7, said.append, said.append)

    def defect() -> None:
        raise KeyError("x")

    tasks.start(defect, said.append, said.append)
    tasks.settle()
    assert 7 in said
    (failure,) = [item for item in said if isinstance(item, Failure)]
    assert "KeyError" in failure.cause
