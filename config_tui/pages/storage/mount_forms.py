"""The forms of an NFS mount and of a directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.document_fields import edit_in_dialog, list_field, model_field
from config_tui.flows import ask_host
from config_tui.kit.dialog import tell
from config_tui.kit.fields import ChoiceField, Field, YesNoField
from config_tui.kit.text import N_, _, bytes_in_words, duration_in_words
from config_tui.pages.storage.documents import put_named, with_storage

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument
    from host.document.storage import DirectoryMount, NFSMount
    from host.storage_values import MountTest

_PURPOSES = (
    ("image-storage", N_("guests' images")),
    ("media-storage", N_("ISO images")),
    ("other", N_("other")),
)


def nfs_form(application: Application, old: NFSMount | None) -> None:
    """A window for an NFS export; before it is staged, it is tried."""
    from host.document.storage import NFSMount as Model

    document = application.staging.wanted
    fields: list[Field] = [
        *_common(application, old, Model),
        model_field(
            "source",
            _("Export"),
            old.source if old is not None else None,
            Model,
            help=_("As in nas.example.org:/export/images"),
        ),
        ChoiceField(
            "version",
            _("NFS version"),
            [(version, version) for version in ("4.2", "4.1", "4.0", "4", "3")],
            old.version if old is not None else None,
            stack=application.stack,
        ),
        YesNoField(
            "read_only",
            _("Read only"),
            old.read_only if old is not None else False,
            text=_("nothing is written"),
        ),
        YesNoField(
            "automount",
            _("Mounted"),
            old.automount if old is not None else False,
            text=_("when first used"),
        ),
        list_field(
            "options",
            _("Options"),
            old.options if old is not None else (),
            Model,
            help=_("Further ones of mount(8), as in nconnect=4"),
        ),
    ]

    def make(values: dict[str, Any]) -> NFSMount:
        kept = {k: v for k, v in dict(old).items() if k not in values} if old is not None else {}
        plain = {k: v for k, v in values.items() if v is not None}
        return Model.model_validate({**kept, **plain})

    _edit(application, document, old.name if old is not None else "", fields, make, _("NFS"))


def directory_form(application: Application, old: DirectoryMount | None) -> None:
    """A window for a directory of the host itself."""
    from host.document.storage import DirectoryMount as Model

    document = application.staging.wanted
    fields: list[Field] = [
        *_common(application, old, Model),
        model_field(
            "source",
            _("Another folder"),
            old.source if old is not None else None,
            Model,
            help=_("Empty: the folder itself. Else this folder is shown there."),
            optional=True,
        ),
    ]

    def make(values: dict[str, Any]) -> DirectoryMount:
        plain = {k: v for k, v in values.items() if v is not None}
        return Model.model_validate(plain)

    name = old.name if old is not None else ""
    _edit(application, document, name, fields, make, _("Directory"))


def _common(application: Application, old: Any, model: type[Any]) -> list[Field]:
    return [
        model_field(
            "name",
            _("Name"),
            old.name if old is not None else None,
            model,
            help=_("The same on every host that shares it."),
        ),
        model_field(
            "path",
            _("Mounted on"),
            old.path if old is not None else None,
            model,
            help=_("As in /srv/images"),
        ),
        ChoiceField(
            "purpose",
            _("For"),
            [(value, _(label)) for value, label in _PURPOSES],
            old.purpose if old is not None else None,
            stack=application.stack,
        ),
    ]


def _edit(
    application: Application,
    document: HostDocument,
    replacing: str,
    fields: list[Field],
    make: Any,
    title: str,
) -> None:
    def change(values: dict[str, Any]) -> HostDocument:
        made = make(values)
        mounts = put_named(document.storage.mounts, made, replacing)
        return with_storage(document, mounts=mounts)

    edit_in_dialog(application, f"{title} {replacing}".strip(), fields, change)


def try_mount(application: Application, mount: NFSMount) -> None:
    """Mount an export aside and say how that went."""

    def done(found: MountTest) -> None:
        words = _("It can be mounted in {time}. Free: {free} of {size}.").format(
            time=duration_in_words(found.seconds),
            free=bytes_in_words(found.free),
            size=bytes_in_words(found.size),
        )
        if not found.writable and not mount.read_only:
            words += " " + _("But nothing can be written to it.")
        tell(application.stack, mount.name, words)

    ask_host(
        application,
        _("Trying {source} ...").format(source=mount.source),
        lambda: application.host.storage.test_mount(mount),
        done,
    )
