"""The forms of a volume group and of a logical volume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.document_fields import edit_in_dialog, list_field, model_field
from config_tui.flows import ask_host
from config_tui.kit.fields import ChoiceField, Field
from config_tui.kit.text import N_, _, bytes_in_words
from config_tui.pages.storage.documents import put_named, with_storage

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument
    from host.document.storage import LogicalVolume, VolumeGroup
    from host.storage_values import Disk

_PURPOSES = (
    ("other", N_("other")),
    ("image-storage", N_("guests' images")),
    ("media-storage", N_("ISO images")),
)


def group_form(application: Application, old: VolumeGroup | None) -> None:
    """A window for a volume group, after looking which disks there are."""
    ask_host(
        application,
        _("Looking at the disks ..."),
        application.host.storage.disks,
        lambda disks: _group_form(application, old, disks),
    )


def _group_form(application: Application, old: VolumeGroup | None, disks: tuple[Disk, ...]) -> None:
    from host.document.storage import VolumeGroup as Model

    document = application.staging.wanted
    empty = [f"{d.stable} ({bytes_in_words(d.size)})" for d in disks if d.is_empty]
    hint = ", ".join(empty) or _("none")
    fields: list[Field] = [
        model_field("name", _("Name"), old.name if old is not None else None, Model),
        list_field(
            "disks",
            _("Disks"),
            old.disks if old is not None else (),
            Model,
            help=_("Empty disks: {disks}.").format(disks=hint),
            optional=False,
        ),
    ]

    def change(values: dict[str, Any]) -> HostDocument:
        volumes = old.volumes if old is not None else ()
        made = Model(name=values["name"], disks=values["disks"], volumes=volumes)
        groups = document.storage.volume_groups
        replacing = old.name if old is not None else ""
        return with_storage(document, volume_groups=put_named(groups, made, replacing))

    words = _("A disk with something on it is erased only after its name was typed.")
    edit_in_dialog(application, _("Volume group"), fields, change, introduction=("dim", words))


def volume_form(application: Application, group: VolumeGroup, old: LogicalVolume | None) -> None:
    """A window for a logical volume."""
    from host.document.storage import LogicalVolume as Model

    document = application.staging.wanted
    filesystem = ChoiceField(
        "filesystem",
        _("Filesystem"),
        [("xfs", "xfs"), ("ext4", "ext4"), ("", _("none: guests use it whole"))],
        (old.filesystem or "") if old is not None else None,
        stack=application.stack,
    )
    fields: list[Field] = [
        model_field("name", _("Name"), old.name if old is not None else None, Model),
        model_field(
            "size",
            _("Size"),
            old.size if old is not None else None,
            Model,
            help=_("As in 500 GiB, or rest for all that is free. It only ever grows."),
        ),
        filesystem,
        model_field(
            "path",
            _("Mounted on"),
            old.path if old is not None else None,
            Model,
            help=_("As in /srv/images; empty: it is not mounted."),
            optional=True,
        ).asked_when(lambda: filesystem.value != ""),
        ChoiceField(
            "purpose",
            _("For"),
            [(value, _(label)) for value, label in _PURPOSES],
            old.purpose if old is not None else None,
            stack=application.stack,
        ).asked_when(lambda: filesystem.value != ""),
    ]

    def change(values: dict[str, Any]) -> HostDocument:
        plain = {k: v for k, v in values.items() if v not in (None, "")}
        made = Model.model_validate(plain)
        volumes = put_named(group.volumes, made, old.name if old is not None else "")
        changed = type(group)(**{**dict(group), "volumes": volumes})
        groups = document.storage.volume_groups
        return with_storage(document, volume_groups=put_named(groups, changed, group.name))

    title = _("New volume") if old is None else f"{group.name}/{old.name}"
    edit_in_dialog(application, title, fields, change)
