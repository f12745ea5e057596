"""Log in and log out. It has no verb: whoever runs commands has logged in to the host already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import urwid

from config_tui.kit.text import N_, _
from config_tui.page import Page

if TYPE_CHECKING:
    from config_tui.application import Application


def _title(application: Application) -> str:
    return _("Log in") if application.user is None else _("Log out")


def _preview(application: Application) -> urwid.Widget:
    if application.user is None:
        words = _(
            "Status can be seen by everybody. To change something, log in as root or as an "
            "administrator of this host."
        )
    else:
        words = _("You are logged in as {name}.").format(name=application.user)
    return urwid.Filler(urwid.Text([("heading", _title(application)), "\n\n", words]), valign="top")


def _act(application: Application) -> None:
    if application.user is None:
        application.log_in()
    else:
        application.log_out()


PAGE = Page(
    name="session",
    title=N_("Log in"),
    rank=70,
    preview=_preview,
    act=_act,
    needs_login=False,
    show_title=_title,
)
