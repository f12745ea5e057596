"""Destroying a volume or an empty volume group: now, with its name typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config_tui.flows import ask_host, tell_done
from config_tui.kit.dialog import confirm_by_name
from config_tui.kit.text import _

if TYPE_CHECKING:
    from config_tui.application import Application


def destroy(application: Application, key: str) -> None:
    """Ask for the name, then destroy what is at ``key`` (``group`` or ``group/volume``)."""
    if not key:
        return
    group, slash, volume = key.partition("/")
    storage, actor = application.host.storage, application.actor

    def work() -> None:
        if slash:
            storage.remove_volume(group, volume, (key,), actor)
        else:
            storage.remove_volume_group(group, (key,), actor)

    def done(_nothing: None) -> None:
        kind = "remove" if slash else "remove-group"
        command = f"flexvdi-config volumes {kind} {key} --erase {key}"
        tell_done(application, _("{name} is destroyed.").format(name=key), command)
        application.rebuild()

    confirm_by_name(
        application.stack,
        _("Destroy {name}?").format(name=key),
        _("Everything on it is lost, at once; this cannot be undone."),
        key,
        _("Destroy"),
        lambda: ask_host(application, _("Please wait ..."), work, done),
    )
