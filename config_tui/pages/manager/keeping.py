"""Move and upgrade: the Manager as one file and back, to another host, newer, elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from config_tui.document_fields import checked_by, words
from config_tui.flows import ask_host
from config_tui.kit.fields import Field, TextField, YesNoField
from config_tui.kit.form import Form, FormDialog, Values
from config_tui.kit.panel import Panel
from config_tui.kit.text import N_, _
from config_tui.listing import action_buttons
from config_tui.page import Action, Page
from config_tui.pages.manager.words import status_lines
from config_tui.pages.manager.working import Work, work_and_tell

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.api.manager import ManagerStatus

_PAGE = "manager-keeping"


def _open(application: Application) -> Any:
    def build(status: ManagerStatus) -> Any:
        words = _(
            "Export and import need the Manager to be off; a move stops it, unless it goes over "
            "while it runs. Upgrading and another address take it away for some minutes."
        )
        return Panel(
            head=[("heading", _("Move, upgrade")), "", words, ""],
            body=status_lines(status),
            buttons=action_buttons(application, _ACTIONS),
        )

    return application.loading(application.host.manager.status, build)


def _ask(
    application: Application,
    title: str,
    fields: list[Field],
    submit: str,
    on_values: Callable[[Values], None],
    introduction: str = "",
) -> None:
    """A window with a form; it is closed before what it asks for begins."""

    def submitted(values: Values) -> None:
        application.stack.close(dialog)
        on_values(values)

    form = Form(
        fields,
        submitted,
        submit=submit,
        on_cancel=lambda: application.stack.close(dialog),
        introduction=introduction,
        cautious=True,
    )
    dialog = FormDialog(title, form, width=70)
    application.stack.open(dialog)


def _begin(application: Application, title: str, call: Work, command: str) -> None:
    work_and_tell(application, title, call, f"flexvdi-config manager {command}", _PAGE)


def _export(application: Application, _key: str) -> None:
    actor = application.actor
    field = TextField("target", _("File or folder"), "/var/tmp", help=_("On this host."))

    def begin(values: Values) -> None:
        target = values["target"]
        _begin(
            application,
            _("Export the Manager to {target}").format(target=target),
            lambda on_event, cancel: application.host.manager.export(
                target, actor, on_event, cancel
            ),
            f"export {target}",
        )

    _ask(application, _("Export"), [field], _("Export"), begin)


def _import(application: Application, _key: str) -> None:
    actor = application.actor

    def ask(folder: str) -> None:
        fields: list[Field] = [
            TextField("source", _("File"), help=_("A Manager that was exported.")),
            TextField("folder", _("Folder"), folder, help=_("Where its disks go.")),
        ]

        def begin(values: Values) -> None:
            source, place = values["source"], values["folder"]
            _begin(
                application,
                _("Import a Manager from {source}").format(source=source),
                lambda on_event, cancel: application.host.manager.import_from(
                    source, place, actor, on_event, cancel
                ),
                f"import {source} --folder {place}",
            )

        _ask(application, _("Import"), fields, _("Import"), begin)

    ask_host(
        application,
        _("Please wait ..."),
        application.host.manager.suggestions,
        lambda found: ask(found.folders[0][0]),
    )


def _move(application: Application, _key: str) -> None:
    actor = application.actor

    def ask(status: ManagerStatus) -> None:
        live = YesNoField("live", _("Running"), text=_("on storage that both hosts share"))
        fields: list[Field] = [
            TextField("to", _("To"), help=_("As SSH names it, as in root@node2.example.")),
            live,
            TextField(
                "folder", _("Folder"), status.folder.rpartition("/")[0], help=_("Over there.")
            ).asked_when(lambda: not live.value),
        ]

        def begin(values: Values) -> None:
            to, running, folder = values["to"], values["live"], values.get("folder", "")
            options = "--live" if running else f"--folder {folder}"
            _begin(
                application,
                _("Move the Manager to {host}").format(host=to),
                lambda on_event, cancel: application.host.manager.move(
                    to, folder, running, actor, on_event, cancel
                ),
                f"move {to} {options}",
            )

        _ask(application, _("Move"), fields, _("Move"), begin)

    ask_host(application, _("Please wait ..."), application.host.manager.status, ask)


def _upgrade(application: Application, _key: str) -> None:
    actor = application.actor
    field = TextField(
        "image",
        _("Image"),
        optional=True,
        help=_("A manifest or its folder; empty for the image that belongs to this host."),
    )

    def begin(values: Values) -> None:
        image = values["image"] or ""
        _begin(
            application,
            _("Upgrade the Manager"),
            lambda on_event, cancel: application.host.manager.upgrade(
                image, actor, on_event, cancel
            ),
            f"upgrade --image {image}" if image else "upgrade",
        )

    words = _("Its data stay. If the new image does not answer, the old one comes back.")
    _ask(application, _("Upgrade"), [field], _("Upgrade"), begin, words)


def _address(application: Application, _key: str) -> None:
    from host.document.deployment import DeploymentRequest as Model

    actor = application.actor

    def ask(status: ManagerStatus) -> None:
        manager = status.manager or {"address": "", "gateway": None, "dns": ()}
        fields: list[Field] = [
            TextField(
                "address", _("Address"), manager["address"], check=checked_by(Model, "address")
            ),
            TextField(
                "gateway",
                _("Gateway"),
                manager["gateway"] or "",
                check=checked_by(Model, "gateway"),
                optional=True,
            ),
            TextField(
                "dns",
                _("DNS servers"),
                ", ".join(manager["dns"]),
                check=checked_by(Model, "dns", many=True),
                optional=True,
            ),
        ]

        def begin(values: Values) -> None:
            given = values["dns"] or ()
            servers = tuple(words(given)) if isinstance(given, str) else tuple(given)
            address, gateway = values["address"], values["gateway"]
            _begin(
                application,
                _("Change the Manager's address to {address}").format(address=address),
                lambda on_event, cancel: application.host.manager.change_address(
                    address, gateway, servers, actor, on_event, cancel
                ),
                f"change-address {address}",
            )

        _ask(application, _("Address"), fields, _("Change"), begin, _("It is started anew."))

    ask_host(application, _("Please wait ..."), application.host.manager.status, ask)


_ACTIONS = (
    Action(N_("Export"), "manager export", _export),
    Action(N_("Import"), "manager import", _import),
    Action(N_("Move"), "manager move", _move),
    Action(N_("Upgrade"), "manager upgrade", _upgrade),
    Action(N_("Change address"), "manager change-address", _address),
)

PAGE = Page(
    name=_PAGE,
    title=N_("Move, upgrade"),
    rank=30,
    preview=_open,
    open=_open,
    verbs=("manager status",),
    actions=_ACTIONS,
)
