"""This host: the platform it belongs to, joining one and leaving it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from config_tui.flows import ask_host, tell_done
from config_tui.kit.dialog import confirm, tell
from config_tui.kit.fields import SecretField, TextField, YesNoField
from config_tui.kit.form import Form, FormDialog, Values
from config_tui.kit.panel import Panel, labelled
from config_tui.kit.said import said
from config_tui.kit.text import N_, _
from config_tui.listing import action_buttons
from config_tui.page import Action, Page
from foundation.joining import (
    ManagerAddress,
    check_manager_address,
    read_join_string,
    readable_fingerprint,
)

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.api.membership import Joined, JoinSecret, MembershipStatus

Answer = TypeVar("Answer")

_STATES = {
    "connected": N_("connected"),
    "connecting": N_("not connected"),
    "refused": N_("refused by the Manager"),
    "joining": N_("joining"),
    "stopped": N_("not running"),
}
_COMMAND = "flexvdi-config manager join"


def _open(application: Application) -> Any:
    def build(status: MembershipStatus | None) -> Any:
        return Panel(
            head=[("heading", _("This host")), ""],
            body=_lines(status),
            buttons=action_buttons(application, _ACTIONS),
        )

    return application.loading(application.host.membership.status, build)


def _lines(status: MembershipStatus | None) -> list[Any]:
    if status is None:
        return [
            _("This host belongs to no platform."),
            "",
            _(
                "Its Manager shows a join string below Hosts, Add a host. An administrator's name "
                "and password do as well."
            ),
        ]
    lines: list[Any] = [
        labelled(_("Manager"), status.manager.url),
        *([labelled(_("Tried besides"), ", ".join(status.others))] if status.others else []),
        labelled(_("Agent"), _(_STATES[status.state])),
        labelled(_("Joined"), f"{_moment(status.joined)}, {status.who}"),
        labelled(_("Identity"), status.host_id),
    ]
    if status.certificate_until is not None:
        lines.append(labelled(_("Certificate until"), _moment(status.certificate_until)))
    fingerprint = readable_fingerprint(status.manager.fingerprint)
    lines += [labelled("SHA-256", fingerprint[:48]), labelled("", fingerprint[48:])]
    if status.problem:
        lines += ["", ("error", f"! {said(status.problem)}"), said(status.remedy)]
    return lines


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M}"


def _join(application: Application, _key: str) -> None:
    """By the join string, which may come from a clipboard and is not shown."""
    from host.api.membership import JoinSecret

    line = SecretField(
        "line",
        _("Join string"),
        check=lambda secret: read_join_string(secret.reveal()),
        help=_("The line that the Manager shows: flexvdi-join:v1: …"),
    )

    def submit(values: Values) -> None:
        read = values["line"]
        application.stack.close(dialog)
        line.forget()
        _ask(application, read.manager, JoinSecret(token=read.token), values["replace"])

    form = Form(
        [line, _replace_field()],
        submit,
        submit=_("Join"),
        on_cancel=lambda: application.stack.close(dialog),
    )
    dialog = FormDialog(_("Join a platform"), form, width=72)
    application.stack.open(dialog)


def _replace_field() -> YesNoField:
    return YesNoField(
        "replace",
        _("Replace an old host"),
        False,
        help=_("Of the same name or identity, which is not connected: this one, reinstalled."),
    )


def _join_by_person(application: Application, _key: str) -> None:
    """First who answers there; only what a person has compared gets a password."""

    _ask_where(
        application,
        _("Join by name and password"),
        _("Its name or address, with :PORT after it if it is not 443."),
        application.host.membership.find,
        lambda found: _compare(application, found.manager),
    )


def _ask_where(
    application: Application,
    title: str,
    help: str,
    work: Callable[[str, int], Answer],
    on_done: Callable[[Answer], None],
) -> None:
    """Ask for the address of a Manager, then the host to do ``work`` with address and port."""

    def submit(values: Values) -> None:
        address, port = values["address"]
        application.stack.close(dialog)
        ask_host(
            application,
            _("Asking {address} who it is ...").format(address=address),
            lambda: work(address, port),
            on_done,
        )

    form = Form(
        [TextField("address", _("Manager"), check=check_manager_address, help=help)],
        submit,
        submit=_("Go on"),
        on_cancel=lambda: application.stack.close(dialog),
        enter_submits=True,
    )
    dialog = FormDialog(title, form, width=72)
    application.stack.open(dialog)


def _compare(application: Application, manager: ManagerAddress) -> None:
    fingerprint = readable_fingerprint(manager.fingerprint)
    words = _("Compare this fingerprint with what the Manager shows below About.")
    confirm(
        application.stack,
        _("Is it the right Manager?"),
        [words, "\n\n", f"{fingerprint[:48]}\n{fingerprint[48:]}"],
        _("It is the same"),
        lambda: _ask_person(application, manager),
    )


def _ask_person(application: Application, manager: ManagerAddress) -> None:
    from host.api.membership import JoinSecret

    password, code = SecretField("password", _("Password")), _code_field()

    def submit(values: Values) -> None:
        application.stack.close(dialog)
        for field in (password, code):
            field.forget()
        secret = JoinSecret(user=values["user"], password=values["password"], code=values["code"])
        _ask(application, manager, secret, values["replace"])

    form = Form(
        [
            TextField("user", _("Administrator"), help=_("Of the Manager, not of this host.")),
            password,
            code,
            _replace_field(),
        ],
        submit,
        submit=_("Join"),
        on_cancel=lambda: application.stack.close(dialog),
    )
    dialog = FormDialog(_("Join by name and password"), form, width=72)
    application.stack.open(dialog)


def _code_field() -> SecretField:
    return SecretField(
        "code",
        _("One-time code"),
        optional=True,
        help=_("If one is asked for when signing in."),
    )


def _ask(
    application: Application, manager: ManagerAddress, secret: JoinSecret, replace: bool
) -> None:
    actor = application.actor

    def done(joined: Joined) -> None:
        words = _("This host is part of the platform of {address}.").format(address=manager.address)
        if joined.missing_bridges:
            words += "\n\n" + _(
                "The platform's hosts have bridges that are missing here: {names}. Make them below "
                "Network, or let the Manager do it."
            ).format(names=", ".join(joined.missing_bridges))
        tell_done(application, words, _COMMAND)
        application.rebuild()

    ask_host(
        application,
        _("Joining ..."),
        lambda: application.host.membership.join(manager, secret, actor, replace=replace),
        done,
    )


def _set_address(application: Application, _key: str) -> None:
    """The same Manager somewhere else; who answers there must be it."""
    actor = application.actor

    def done(status: MembershipStatus) -> None:
        words = _("The Manager is dialled at {address} from now on.")
        address = status.manager.address
        tell_done(
            application,
            words.format(address=address),
            f"flexvdi-config manager set-address {address}",
        )
        application.rebuild()

    _ask_where(
        application,
        _("The Manager has another address"),
        _("Where it is now: name or address, with :PORT after it if it is not 443."),
        lambda address, port: application.host.membership.set_address(address, port, actor),
        done,
    )


def _leave(application: Application, _key: str) -> None:
    actor = application.actor

    def done(told: bool) -> None:
        if told:
            words = _("This host belongs to no platform any more.")
            tell_done(application, words, "flexvdi-config manager leave")
        else:
            tell(
                application.stack,
                _("Done"),
                _("The host left, but its Manager could not be told: remove the host there too."),
            )
        application.rebuild()

    confirm(
        application.stack,
        _("Leave the platform?"),
        _("Guests go on as they are; nobody manages them from afar any more."),
        _("Leave"),
        lambda: ask_host(
            application,
            _("Leaving ..."),
            lambda: application.host.membership.leave(actor),
            done,
        ),
    )


_ACTIONS = (
    Action(N_("Join"), "manager join", _join),
    Action(N_("By password"), "manager join", _join_by_person),
    Action(N_("Other address"), "manager set-address", _set_address),
    Action(N_("Leave"), "manager leave", _leave),
)

PAGE = Page(
    name="manager-membership",
    title=N_("This host"),
    rank=5,
    preview=_open,
    open=_open,
    verbs=("manager membership",),
    actions=_ACTIONS,
)
