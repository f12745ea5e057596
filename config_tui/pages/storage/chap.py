"""The fields of CHAP, one way or both; secrets are never shown again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.kit.fields import ChoiceField, Field, SecretField, TextField
from config_tui.kit.text import _
from foundation.secret import Secret

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.document.storage import Chap


def chap_fields(application: Application, old: Chap | None) -> list[Field]:
    """Which CHAP, names and secrets; a secret that is known may stay as it is."""
    way = ChoiceField(
        "chap",
        "CHAP",
        [
            ("none", _("none")),
            ("one", _("this host proves itself")),
            ("both", _("both prove themselves")),
        ],
        "none" if old is None else "both" if old.target_username else "one",
        stack=application.stack,
    )
    known = _("Leave it empty to keep the one that is known.")
    return [
        way,
        TextField("username", _("User name"), old.username if old else "").asked_when(
            lambda: way.value != "none"
        ),
        SecretField(
            "password", _("Secret"), check=_checked, help=known if old else "", optional=bool(old)
        ).asked_when(lambda: way.value != "none"),
        TextField(
            "target_username",
            _("Target's user name"),
            (old.target_username or "") if old else "",
        ).asked_when(lambda: way.value == "both"),
        SecretField(
            "target_password",
            _("Target's secret"),
            check=_checked,
            help=known if old and old.target_password else "",
            optional=bool(old and old.target_password),
        ).asked_when(lambda: way.value == "both"),
    ]


def _checked(secret: Secret) -> Secret:
    from host.document.storage_names import check_chap_secret

    check_chap_secret(secret.reveal())
    return secret


def chap_of(values: dict[str, Any], old: Chap | None) -> Chap | None:
    """What the fields say; secrets left empty are the old ones."""
    from host.document.storage import Chap

    if values["chap"] == "none":
        return None
    made: dict[str, Any] = {
        "username": values["username"],
        "password": values["password"] or (old.password if old else None),
    }
    if values["chap"] == "both":
        made["target_username"] = values["target_username"]
        made["target_password"] = values["target_password"] or (
            old.target_password if old else None
        )
    return Chap(**made)
