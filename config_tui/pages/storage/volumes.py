"""Local volumes: LVM volume groups and volumes of this host alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.kit.table import Column, Row
from config_tui.kit.text import N_, _, bytes_in_words
from config_tui.listing import listing
from config_tui.page import Action, Page
from config_tui.pages.storage.documents import (
    ask_to_remove,
    put_named,
    with_storage,
    without_named,
)
from config_tui.pages.storage.volume_forms import group_form, volume_form
from config_tui.pages.storage.volume_removal import destroy

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument
    from host.storage_values import GroupStatus


def _open(application: Application) -> Any:
    def build(found: tuple[GroupStatus, ...]) -> Any:
        return application.with_document(lambda document: _table(application, document, found))

    return application.loading(application.host.storage.volume_groups, build)


def _table(application: Application, document: HostDocument, found: tuple[GroupStatus, ...]) -> Any:
    columns = [
        Column(_("Volume"), least=10),
        Column(_("Size"), least=8, right=True),
        Column(_("Filesystem"), least=6),
        Column(_("Mounted on"), least=8),
        Column(_("In the document"), least=4, optional=True),
    ]
    ours = {group.name: group for group in document.storage.volume_groups}
    rows: list[Row] = []
    for group in found:
        free = _("{free} free").format(free=bytes_in_words(group.free))
        state = f"! {_('disks missing')}: {group.missing}" if group.missing else free
        mine = _("yes") if group.name in ours else _("no")
        rows.append(Row(group.name, (group.name, bytes_in_words(group.size), state, "", mine)))
        for volume in group.volumes:
            known = group.name in ours and any(
                one.name == volume.name for one in ours[group.name].volumes
            )
            cells = (
                f"  {volume.name}",
                bytes_in_words(volume.size),
                volume.filesystem or "-",
                ", ".join(volume.mounts) or "-",
                _("yes") if known else _("no"),
            )
            rows.append(Row(f"{group.name}/{volume.name}", cells))
    there = {row.key for row in rows}
    rows += _not_there(ours, there)
    words = _("What the document does not describe is left alone.")
    return listing(
        application, columns, rows, _ACTIONS, head=[("dim", words), ""], opens=_ACTIONS[2]
    )


def _not_there(ours: dict[str, Any], there: set[str]) -> list[Row]:
    rows = []
    for group in ours.values():
        if group.name not in there:
            rows.append(Row(group.name, (group.name, "-", _("not applied"), "", _("yes"))))
        for volume in group.volumes:
            key = f"{group.name}/{volume.name}"
            if key not in there:
                cells = (f"  {volume.name}", volume.size, _("not applied"), volume.path or "-", "")
                rows.append(Row(key, cells))
    return rows


def _add_group(application: Application, _key: str) -> None:
    group_form(application, None)


def _add_volume(application: Application, key: str) -> None:
    group = _group(application, key.partition("/")[0])
    if group is None:
        application.say(_("Choose a volume group of the document first, or add one."))
    else:
        volume_form(application, group, None)


def _edit(application: Application, key: str) -> None:
    name, slash, volume_name = key.partition("/")
    group = _group(application, name)
    if group is None:
        application.say(_("The document does not describe this group; it is left alone."))
        return
    volume = next((one for one in group.volumes if one.name == volume_name), None)
    if not slash:
        group_form(application, group)
    elif volume is not None:
        volume_form(application, group, volume)
    else:
        application.say(_("The document does not describe this volume; it is left alone."))


def _group(application: Application, name: str) -> Any:
    groups = application.staging.wanted.storage.volume_groups
    return next((group for group in groups if group.name == name), None)


def _forget(application: Application, key: str) -> None:
    document = application.staging.wanted
    name, slash, volume = key.partition("/")
    group = _group(application, name)
    if group is None:
        return
    groups = document.storage.volume_groups

    def changed() -> HostDocument:
        if not slash:
            return with_storage(document, volume_groups=without_named(groups, name))
        left = type(group)(**{**dict(group), "volumes": without_named(group.volumes, volume)})
        return with_storage(document, volume_groups=put_named(groups, left, name))

    words = _("The document says no more about it: it is unmounted, and its data stays.")
    ask_to_remove(application, key, words, changed)


_ACTIONS = (
    Action(N_("Add group"), "set", _add_group),
    Action(N_("Add volume"), "set", _add_volume),
    Action(N_("Edit"), "set", _edit),
    Action(N_("Forget"), "set", _forget),
    Action(N_("Destroy"), "volumes remove", destroy),
)

PAGE = Page(
    name="storage-volumes",
    title=N_("Local volumes"),
    rank=50,
    preview=_open,
    open=_open,
    verbs=("volumes show",),
    actions=_ACTIONS,
)
