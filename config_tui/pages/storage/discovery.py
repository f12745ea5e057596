"""Discovery: asking an iSCSI portal which targets it has, and choosing one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from config_tui.flows import ask_host
from config_tui.kit.dialog import choose, tell
from config_tui.kit.fields import Field, TextField
from config_tui.kit.form import Form, FormDialog, Values
from config_tui.kit.text import _
from config_tui.pages.storage.chap import chap_fields, chap_of

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.storage_values import DiscoveredTarget


def discover(application: Application, on_chosen: Callable[[DiscoveredTarget], None]) -> None:
    """Ask for a portal, ask it for its targets, let one be chosen."""
    fields: list[Field] = [
        TextField(
            "portal",
            _("Portal"),
            check=_portal,
            help=_("The array's address, as in 10.0.8.20 or 10.0.8.20:3260."),
        ),
        *chap_fields(application, None),
    ]

    def submit(values: Values) -> None:
        chap = chap_of(values, None)
        portal = values["portal"]
        ask_host(
            application,
            _("Asking {portal} ...").format(portal=portal),
            lambda: application.host.storage.discover(portal, chap),
            answered,
        )

    def answered(found: tuple[DiscoveredTarget, ...]) -> None:
        application.stack.close(dialog)
        if not found:
            tell(application.stack, _("No target"), _("The portal answers, but offers nothing."))
            return
        by_name = {target.name: target for target in found}
        choose(
            application.stack,
            _("Targets"),
            [(name, f"{name}  ({', '.join(target.portals)})") for name, target in by_name.items()],
            lambda name: on_chosen(by_name[name]),
        )

    form = Form(
        fields,
        submit,
        submit=_("Discover"),
        on_cancel=lambda: application.stack.close(dialog),
    )
    dialog = FormDialog(_("Discover"), form, width=72)
    application.stack.open(dialog)


def _portal(text: str) -> str:
    from host.document.storage_names import check_portal

    return check_portal(text)
