"""Shell: a command line on this terminal, for what the pages do not do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import urwid

from config_tui.kit.text import N_, _
from config_tui.page import Page

if TYPE_CHECKING:
    from config_tui.application import Application


def _preview(application: Application) -> urwid.Widget:
    return urwid.Filler(
        urwid.Text(
            [
                ("heading", _("Shell")),
                "\n\n",
                _("Open a command line on this terminal. Leave it with `exit` to come back here."),
            ]
        ),
        valign="top",
    )


def _act(application: Application) -> None:
    application.open_shell()


PAGE = Page(
    name="support-shell",
    title=N_("Shell"),
    rank=40,
    preview=_preview,
    act=_act,
    verbs=("shell",),
)
