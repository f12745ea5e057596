"""About: the product, its version, and how guests run on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import urwid

from config_tui.kit.said import said
from config_tui.kit.text import N_, _
from config_tui.page import Page

if TYPE_CHECKING:
    from config_tui.application import Application


_DISPLAYS = {"spice": "SPICE", "vnc": "VNC"}


def displays_in_words(displays: tuple[str, ...]) -> str:
    """By which protocols desktops can be shown, and what to do when SPICE is not among them."""
    named = ", ".join(_DISPLAYS.get(display, display) for display in displays)
    if "spice" in displays:
        return _("Desktops can be shown by: {displays}.").format(displays=named)
    return _(
        "Desktops can be shown by: {displays}. The image of this host was built without SPICE; "
        "give desktops another display, or install an image that has it."
    ).format(displays=named or _("nothing"))


def _text(application: Application, probed: str) -> list[Any]:
    identity = application.identity
    displays = (
        ["\n\n", ("heading", _("Displays")), "\n", displays_in_words(identity.displays)]
        if identity.displays is not None
        else []
    )
    return [
        ("heading", f"{identity.product} {identity.version}"),
        "\n\n",
        _("An open desktop virtualization platform: QEMU/KVM, SPICE and libvirt on bare metal."),
        "\n\n",
        _("Free software under the GNU General Public License, version 2 or later."),
        "\n\n",
        ("heading", _("Virtualization")),
        "\n",
        probed,
        *displays,
    ]


def _preview(application: Application) -> urwid.Widget:
    hint = _("Press Enter to find out by starting a tiny guest.")
    return urwid.Filler(urwid.Text(_text(application, hint)), valign="top")


def _open(application: Application) -> urwid.Widget:
    text = urwid.Text(_text(application, _("Starting a tiny guest ...")))
    application.tasks.start(
        application.host.virtualization,
        lambda found: text.set_text(_text(application, said(found.reason))),
        lambda failure: text.set_text(
            _text(application, f"{said(failure.cause)} {said(failure.remedy)}")
        ),
    )
    return urwid.ListBox(urwid.SimpleFocusListWalker([text]))


PAGE = Page(
    name="about",
    title=N_("About"),
    rank=100,
    preview=_preview,
    open=_open,
    needs_login=False,
    verbs=("about",),
)
