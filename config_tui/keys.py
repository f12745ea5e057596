"""The keys that work everywhere, each with a twin for terminals that eat F-keys."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config_tui.kit.text import N_, _, cell_width

if TYPE_CHECKING:
    from config_tui.application import Application


@dataclass(frozen=True)
class Key:
    """An F-key and its twin; ``word`` stands in the key line, ``help`` in the help.

    ``on_console`` False leaves it out on a terminal of the machine itself; ``over_dialogs`` lets
    it work while a dialog is open; ``page`` is the page it leads to, without which it is not there.
    """

    key: str
    twin: str
    word: str
    help: str
    act: Callable[[Application], None]
    on_console: bool = True
    over_dialogs: bool = False
    page: str = ""


def _to_page(key: str, twin: str, word: str, help: str, page: str) -> Key:
    return Key(key, twin, word, help, lambda app: app.go(page), page=page)


KEYS: tuple[Key, ...] = (
    Key("f1", "ctrl g", N_("Help"), N_("this help"), lambda app: app.help()),
    Key("f2", "ctrl o", N_("Log in"), N_("log in, log out"), lambda app: app.session()),
    Key(
        "f3",
        "ctrl l",
        N_("Redraw"),
        N_("draw the screen anew"),
        lambda app: app.redraw(),
        over_dialogs=True,
    ),
    Key("f5", "ctrl r", N_("Refresh"), N_("look at the host again"), lambda app: app.refresh()),
    _to_page("f8", "ctrl t", N_("Log"), N_("the host's log"), "support-logs"),
    _to_page("f9", "ctrl e", N_("Apply"), N_("show the changes, apply them"), "changes"),
    _to_page("f12", "ctrl p", N_("Power"), N_("reboot, power off"), "power"),
    Key(
        "f10",
        "ctrl q",
        N_("Quit"),
        N_("leave flexVDI Config"),
        lambda app: app.quit(),
        on_console=False,
    ),
)

REDRAW = ("f3", "ctrl l")
_IN_LINE = ("f2", "f1", "f9", "f5", "f8", "f3", "f12", "f10")


def find_key(name: str, *, console: bool) -> Key | None:
    """The key pressed, if it is one of these."""
    known = (key for key in KEYS if key.on_console or not console)
    return next((key for key in known if name in (key.key, key.twin)), None)


def key_line(
    width: int, pages: Container[str], *, console: bool, logged_in: bool, inside: bool = False
) -> str:
    """As many keys as fit, the most wanted first; ``pages`` are the pages there are.

    ``inside`` says that Esc leads somewhere.
    """
    by_key = {key.key: key for key in _known(console, pages)}
    line = f" Esc {_('Back')}" if inside else ""
    for name in _IN_LINE:
        if name in by_key:
            word = _("Log out") if name == "f2" and logged_in else _(by_key[name].word)
            text = f"{name.upper()} {word}"
            if cell_width(line) + 2 + cell_width(text) <= width:
                line += f"  {text}" if line else f" {text}"
    return line


def help_text(pages: Container[str], *, console: bool) -> str:
    """What every key does."""
    lines = [_("Arrows, Tab and Enter move and choose; Esc goes back."), ""]
    for key in _known(console, pages):
        twin = f"Ctrl-{key.twin[-1].upper()}"
        lines.append(f"{key.key.upper():<4}{twin:<8} {_(key.help)}")
    lines += ["", _("Everything here is also a command: flexvdi-config --help")]
    return "\n".join(lines)


def _known(console: bool, pages: Container[str]) -> list[Key]:
    return [
        key
        for key in KEYS
        if (key.on_console or not console) and (not key.page or key.page in pages)
    ]
