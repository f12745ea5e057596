"""NFS and directories: what is mounted where, and what for; each can be tried before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.flows import ask_host, tell_done
from config_tui.kit import theme
from config_tui.kit.said import said
from config_tui.kit.table import Column, Row
from config_tui.kit.text import N_, _, bytes_in_words
from config_tui.listing import listing
from config_tui.page import Action, Page
from config_tui.pages.storage.documents import ask_to_remove, with_storage, without_named
from config_tui.pages.storage.mount_forms import directory_form, nfs_form, try_mount

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.model import HostDocument
    from host.storage_values import MountStatus

PURPOSES = {
    "image-storage": N_("guests' images"),
    "media-storage": N_("ISO images"),
    "other": N_("other"),
}
_SEVERITY = {"mounted": "ok", "waiting for use": "ok", "not mounted": "warning"}


def _open(application: Application) -> Any:
    def build(found: tuple[MountStatus, ...]) -> Any:
        return application.with_document(lambda document: _table(application, document, found))

    return application.loading(application.host.storage.mounts, build)


def _table(application: Application, document: HostDocument, found: tuple[MountStatus, ...]) -> Any:
    columns = [
        Column(_("Name"), least=6),
        Column(_("State"), least=10),
        Column(_("Mounted on"), least=8),
        Column(_("Free"), least=8, right=True, optional=True),
        Column(_("For"), least=6, optional=True),
    ]
    live = {mount.name: mount for mount in found}
    rows = []
    for mount in document.storage.all_mounts():
        now = live.get(mount.name)
        state = _("not applied") if now is None else said(now.state)
        mark = theme.current().mark(_SEVERITY.get(now.state, "failed") if now else "unknown")
        free = bytes_in_words(now.free) if now is not None and now.size else "-"
        purpose = _(PURPOSES[mount.purpose])
        rows.append(Row(mount.name, (mount.name, f"{mark} {state}", mount.path, free, purpose)))
    wrong = [m for m in found if _SEVERITY.get(m.state) != "ok" and m.reason]
    head: list[Any] = [("dim", _("Where guests' images and ISO images lie.")), ""]
    head += [
        ("error", f"! {m.name}: {said(m.reason)} {said(m.remedy)}".rstrip()) for m in wrong[:3]
    ]
    return listing(application, columns, rows, _ACTIONS, head=head, opens=_ACTIONS[2])


def _add_nfs(application: Application, _key: str) -> None:
    nfs_form(application, None)


def _add_directory(application: Application, _key: str) -> None:
    directory_form(application, None)


def _edit(application: Application, key: str) -> None:
    mounts = application.staging.wanted.storage.mounts
    found = next((mount for mount in mounts if mount.name == key), None)
    if found is None and key:
        application.say(_("This is a local volume; it is changed on its page."))
    elif found is not None and found.kind == "nfs":
        nfs_form(application, found)
    elif found is not None and found.kind == "directory":
        directory_form(application, found)
    elif found is not None:
        application.say(_("Change this mount with: flexvdi-config set storage.mounts"))


def _remove(application: Application, key: str) -> None:
    document = application.staging.wanted
    mounts = document.storage.mounts
    if any(mount.name == key for mount in mounts):
        words = _("It is unmounted when the changes are applied; what is on it stays.")
        ask_to_remove(
            application,
            key,
            words,
            lambda: with_storage(document, mounts=without_named(mounts, key)),
        )


def _try(application: Application, key: str) -> None:
    mounts = application.staging.wanted.storage.mounts
    found = next((mount for mount in mounts if mount.name == key), None)
    if found is not None and found.kind == "nfs":
        try_mount(application, found)
    elif key:
        application.say(_("Only NFS can be tried before it is applied."))


def _mount(application: Application, key: str) -> None:
    _now(application, key, "mount", application.host.storage.mount, _("{name} is mounted."))


def _unmount(application: Application, key: str) -> None:
    words = _("{name} is unmounted, until the next boot.")
    _now(application, key, "unmount", application.host.storage.unmount, words)


def _now(application: Application, key: str, verb: str, call: Any, words: str) -> None:
    if not key:
        return
    actor = application.actor

    def done(_nothing: None) -> None:
        tell_done(application, words.format(name=key), f"flexvdi-config mounts {verb} {key}")
        application.rebuild()

    ask_host(application, _("Please wait ..."), lambda: call(key, actor), done)


_ACTIONS = (
    Action(N_("Add NFS"), "set", _add_nfs),
    Action(N_("Add directory"), "set", _add_directory),
    Action(N_("Edit"), "set", _edit),
    Action(N_("Remove"), "set", _remove),
    Action(N_("Try"), "mounts test", _try),
    Action(N_("Mount"), "mounts mount", _mount),
    Action(N_("Unmount"), "mounts unmount", _unmount),
)

PAGE = Page(
    name="storage-mounts",
    title=N_("NFS, folders"),
    rank=40,
    preview=_open,
    open=_open,
    verbs=("mounts show",),
    actions=_ACTIONS,
)
