"""Other profiles: connections of NetworkManager's that are not the host document's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.flows import ask_host, tell_done
from config_tui.kit.dialog import confirm, tell
from config_tui.kit.table import Column, Row
from config_tui.kit.text import N_, _
from config_tui.listing import listing
from config_tui.page import Action, Page
from config_tui.pages.network.links import with_interface

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.api.network import ForeignProfile
    from host.document.network import Interface


def _open(application: Application) -> Any:
    def build(found: tuple[ForeignProfile, ...]) -> Any:
        return application.with_document(lambda _document: _table(application, found))

    return application.loading(application.host.network.foreign_profiles, build)


def _table(application: Application, found: tuple[ForeignProfile, ...]) -> Any:
    policy = application.staging.wanted.network.foreign_profiles
    columns = [
        Column(_("Profile"), least=10),
        Column(_("Kind"), least=6, optional=True),
        Column(_("Interface"), least=8),
        Column(_("Active on"), least=8),
        Column(_("At boot"), least=6),
    ]
    rows = [
        Row(p.uuid, (p.name, p.kind, p.interface or "-", p.device or "-", _at_boot(p)))
        for p in found
    ]
    words = _("Made by other programs, and left alone.")
    if policy == "remove":
        words = _("Made by other programs; removed when the changes are applied.")
    return listing(
        application,
        columns,
        rows,
        _ACTIONS,
        head=[("dim", words), ""],
        empty=_("All profiles are the host document's."),
    )


def _at_boot(profile: ForeignProfile) -> str:
    return _("comes up") if profile.autoconnect else _("stays down")


def _adopt(application: Application, key: str) -> None:
    if not key:
        return

    def adopted(interface: Interface) -> None:
        document = application.staging.wanted
        application.stage(with_interface(document, interface, replacing=interface.name))
        words = _(
            "The profile itself stays, and comes up by itself at boot. When the change is applied "
            "and kept, switch the profile off here."
        )
        tell(application.stack, interface.name, words)

    ask_host(
        application,
        _("Reading the profile ..."),
        lambda: application.host.network.adopt(key),
        adopted,
    )


def _switch_off(application: Application, key: str) -> None:
    if not key:
        return
    actor = application.actor

    def done(_nothing: None) -> None:
        words = _("The profile no longer comes up by itself. What is up stays up.")
        tell_done(application, words, f"flexvdi-config network switch-off {key}")
        application.rebuild()

    confirm(
        application.stack,
        _("Switch this profile off?"),
        _("At the next boot its interface comes up only if the host document describes it."),
        _("Switch off"),
        lambda: ask_host(
            application,
            _("Please wait ..."),
            lambda: application.host.network.switch_off(key, actor),
            done,
        ),
    )


def _policy(application: Application, _key: str) -> None:
    from host.document.network import Network

    document = application.staging.wanted
    keeps = document.network.foreign_profiles == "keep"

    def stage() -> None:
        policy = "remove" if keeps else "keep"
        network = Network(**{**dict(document.network), "foreign_profiles": policy})
        application.stage(document.replacing(network=network))

    if not keeps:
        stage()
        return
    confirm(
        application.stack,
        _("Remove what others made?"),
        _("Every connection that the host document does not describe is removed."),
        _("Remove"),
        stage,
    )


_ACTIONS = (
    Action(N_("Take into the document"), "network adopt", _adopt),
    Action(N_("Switch off"), "network switch-off", _switch_off),
    Action(N_("Keep or remove them"), "set", _policy),
)

PAGE = Page(
    name="network-profiles",
    title=N_("Other profiles"),
    rank=80,
    preview=_open,
    open=_open,
    verbs=("network profiles",),
    actions=_ACTIONS,
)
