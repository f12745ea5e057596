"""Certificate: what this host proves itself with to browsers and to the Manager."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from config_tui.document_fields import edit_in_dialog, list_field
from config_tui.flows import ask_host, tell_done
from config_tui.kit.dialog import confirm
from config_tui.kit.fields import Field, NumberField, TextField
from config_tui.kit.form import Form, FormDialog, Values
from config_tui.kit.panel import Panel, labelled
from config_tui.kit.said import said
from config_tui.kit.text import N_, _
from config_tui.listing import action_buttons
from config_tui.page import Action, Page
from foundation.failure import Failure
from foundation.secret import Secret

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.api.security import CertificateStatus
    from host.document.model import HostDocument


def _open(application: Application) -> Any:
    def build(found: CertificateStatus) -> Any:
        return application.with_document(lambda _document: _panel(application, found))

    return application.loading(application.host.security.certificate, build)


def _panel(application: Application, found: CertificateStatus) -> Any:
    facts = found.facts
    body: list[Any] = [("heading", _("Certificate")), ""]
    if facts is None:
        body.append(_("The host has none yet; it makes one itself when it needs it."))
    else:
        kind = _("installed by you") if found.installed else _("signed by the host itself")
        body += [
            labelled(_("Kind"), kind),
            labelled(_("Subject"), facts.subject),
            labelled(_("Issuer"), facts.issuer),
            labelled(_("Names"), ", ".join(facts.names)),
            labelled(_("Valid until"), f"{facts.not_after:%Y-%m-%d %H:%M} UTC"),
            labelled("SHA-256", facts.fingerprint),
        ]
    body += [("error", f"! {said(problem)}") for problem in found.problems]
    return Panel(body=body, buttons=action_buttons(application, _ACTIONS))


def _install(application: Application, _key: str) -> None:
    fields: list[Field] = [
        TextField(
            "chain",
            _("Certificate"),
            help=_("A PEM file on this host: the host's certificate, then those that signed it."),
        ),
        TextField(
            "key",
            _("Private key"),
            help=_("A PEM file on this host; empty: the key of the last request."),
            optional=True,
        ),
    ]

    def submit(values: Values) -> None:
        form.say(_("Checking ..."))
        application.tasks.start(
            lambda: _read(application, values["chain"], values["key"]), accepted, refused
        )

    def accepted(pair: tuple[str, Secret]) -> None:
        from host.document.system import Certificate

        application.stack.close(dialog)
        document = application.staging.wanted
        names, days = document.certificate.names, document.certificate.days
        made = Certificate(chain=pair[0], key=pair[1], names=names, days=days)
        application.stage(document.replacing(certificate=made))

    def refused(failure: Failure) -> None:
        form.say("")
        form.show_errors({failure.where or "chain": said(failure.cause)})

    form = Form(
        fields,
        submit,
        submit=_("Check"),
        on_cancel=lambda: application.stack.close(dialog),
    )
    dialog = FormDialog(_("Install a certificate"), form, width=72)
    application.stack.open(dialog)


def _read(application: Application, chain_path: str, key_path: str | None) -> tuple[str, Secret]:
    security = application.host.security
    chain = _file(chain_path, "chain")
    key = Secret(_file(key_path, "key")) if key_path is not None else security.requested_key()
    problems = security.certificate_problems(chain, key)
    if problems:
        raise Failure(" ".join(map(said, problems)))
    return chain, key


def _file(path: str, field: str) -> str:
    from pathlib import Path

    try:
        return Path(path).read_text()
    except (OSError, UnicodeDecodeError) as error:
        words = getattr(error, "strerror", None) or _("it is no text")
        raise Failure(
            _("{path} cannot be read: {why}.").format(path=path, why=words), where=field
        ) from error


def _request(application: Application, _key: str) -> None:
    actor = application.actor

    def done(path: str) -> None:
        words = _("The request is in {path}. Have it signed, then install the answer.")
        tell_done(application, words.format(path=path), "flexvdi-config certificate request")

    def save(values: Values) -> None:
        path = values["path"]
        application.stack.close(dialog)
        ask_host(
            application,
            _("Making a request ..."),
            lambda: _written(path, application.host.security.certificate_request(actor)),
            done,
        )

    form = Form(
        [
            TextField(
                "path",
                _("Save it in"),
                f"/root/{application.identity.hostname}.csr",
                check=_absolute,
                help=_("A file of this host; its key stays where it is."),
            )
        ],
        save,
        submit=_("Request"),
        on_cancel=lambda: application.stack.close(dialog),
        introduction=_("A request that a certification authority can sign, for this host's names."),
    )
    dialog = FormDialog(_("Request a certificate"), form, width=72)
    application.stack.open(dialog)


def _absolute(path: str) -> str:
    if not path.startswith("/"):
        raise ValueError(_("Write the whole path, from / on."))
    return path


def _written(path: str, request: str) -> str:
    from pathlib import Path

    try:
        Path(path).write_text(request)
    except OSError as error:
        raise Failure(
            _("{path} could not be written: {why}.").format(path=path, why=error.strerror)
        ) from error
    return path


def _renew(application: Application, _key: str) -> None:
    actor = application.actor

    def done(_record: Any) -> None:
        words = _("The host has a new certificate of its own.")
        tell_done(application, words, "flexvdi-config certificate renew")
        application.rebuild()

    confirm(
        application.stack,
        _("Make a new certificate?"),
        _("Browsers and programs that trusted the old one will ask again."),
        _("Make it"),
        lambda: ask_host(
            application,
            _("Making a certificate ..."),
            lambda: application.host.security.renew_certificate(actor),
            done,
        ),
    )


def _settings(application: Application, _key: str) -> None:
    from host.document.system import Certificate

    document = application.staging.wanted
    old = document.certificate
    fields: list[Field] = [
        list_field(
            "names",
            _("Further names"),
            old.names,
            Certificate,
            help=_("Under which the host is reached besides its own name and addresses."),
        ),
        NumberField(
            "days",
            _("Valid for"),
            old.days,
            least=30,
            most=3650,
            help=_("Days; the host makes a new one before it expires."),
        ),
    ]

    def change(values: Mapping[str, Any]) -> HostDocument:
        made = Certificate(**{**dict(old), "names": values["names"] or (), "days": values["days"]})
        return document.replacing(certificate=made)

    edit_in_dialog(application, _("The host's own certificate"), fields, change)


_ACTIONS = (
    Action(N_("Install"), "certificate install", _install),
    Action(N_("Request"), "certificate request", _request),
    Action(N_("Make a new one"), "certificate renew", _renew),
    Action(N_("Settings"), "set", _settings),
)

PAGE = Page(
    name="security-certificate",
    title=N_("Certificate"),
    rank=40,
    preview=_open,
    open=_open,
    verbs=("certificate show",),
    actions=_ACTIONS,
)
