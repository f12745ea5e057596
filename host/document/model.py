"""The host document as typed, versioned values.

The document is declarative and complete: a host is a function of its image and this document.
Unknown keys are refused, because a misspelt key that is ignored is a change that is lost.
"""

from __future__ import annotations

import re
from typing import Annotated, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from foundation.secret import Secret
from host.document.network import Network
from host.document.storage import Storage

DOCUMENT_VERSION = 1

_HOST_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")


def check_host_name(name: str) -> str:
    """A host name after RFC 1123, with or without a domain; raises ValueError."""
    labels = name.split(".")
    if len(name) > 253 or not all(_HOST_LABEL.fullmatch(label) for label in labels):
        raise ValueError(
            f"“{name}” is not a host name: use letters, digits and hyphens, "
            "in parts of at most 63 separated by dots"
        )
    if labels[-1].isdigit():
        raise ValueError(f"“{name}” is not a host name: its last part must not be a number")
    return name


def check_timezone(name: str) -> str:
    """A name of the tz database, as in ``Europe/Madrid``; raises ValueError."""
    if name not in available_timezones():
        raise ValueError(f"“{name}” is not a time zone: use a name as in Europe/Madrid or UTC")
    return name


HostName = Annotated[str, AfterValidator(check_host_name)]
TimeZone = Annotated[str, AfterValidator(check_timezone)]


class Section(BaseModel):
    """What all parts of the document share: immutable, and nothing unknown inside."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Identity(Section):
    """Who the host is, and the language of its console.

    ``keyboard`` is an X keyboard layout with an optional variant, as in ``es`` or ``us(intl)``;
    ``language`` a locale as in ``es_ES.UTF-8``.
    """

    hostname: HostName = "flexvdi-host"
    language: str = "en_US.UTF-8"
    keyboard: str = "us"

    @field_validator("language")
    @classmethod
    def _is_locale(cls, language: str) -> str:
        if not re.fullmatch(
            r"[a-z]{2,3}(_[A-Z]{2})?(\.[A-Za-z0-9-]+)?(@[a-z]+)?|C(\.UTF-8)?", language
        ):
            raise ValueError(f"“{language}” is not a locale: use a name as in es_ES.UTF-8")
        return language

    @field_validator("keyboard")
    @classmethod
    def _is_layout(cls, keyboard: str) -> str:
        if not re.fullmatch(r"[a-z]{2,}(\([A-Za-z0-9_-]+\))?", keyboard):
            raise ValueError(f"“{keyboard}” is not a keyboard layout: use one as in es or us(intl)")
        return keyboard


class Time(Section):
    """Time zone, and the NTP servers or pools that chrony follows.

    ``utc`` says that the hardware clock keeps UTC.
    """

    timezone: TimeZone = "UTC"
    utc: bool = True
    ntp_servers: tuple[str, ...] = ()
    ntp_pools: tuple[str, ...] = ()


class Administrator(Section):
    """A person who may log in on the console and run flexVDI Config."""

    name: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_-]{0,31}$")]
    full_name: str = ""
    password_hash: Secret | None = None
    ssh_keys: tuple[str, ...] = ()


class Access(Section):
    """Who may log in, and how.

    Password hashes are crypt(5) strings. ``root_password_hash`` None leaves root's password
    locked. ``ssh`` runs the SSH server; ``ssh_passwords`` lets it accept passwords.
    """

    root_password_hash: Secret | None = None
    root_ssh_keys: tuple[str, ...] = ()
    administrators: tuple[Administrator, ...] = ()
    ssh: bool = True
    ssh_passwords: bool = False


class Firewall(Section):
    """Whether the host filters what reaches it, and which services pass (firewalld's names)."""

    enabled: bool = True
    services: tuple[str, ...] = ("ssh",)
    ports: tuple[Annotated[str, Field(pattern=r"^\d{1,5}(-\d{1,5})?/(tcp|udp|sctp)$")], ...] = ()


class HostDocument(Section):
    """The whole document; every section has defaults, so that an empty one is valid."""

    version: int = DOCUMENT_VERSION
    identity: Identity = Identity()
    time: Time = Time()
    network: Network = Network()
    storage: Storage = Storage()
    access: Access = Access()
    firewall: Firewall = Firewall()

    @field_validator("version")
    @classmethod
    def _known_version(cls, version: int) -> int:
        if version != DOCUMENT_VERSION:
            raise ValueError(
                f"version {version} is not known to this host, "
                f"which reads version {DOCUMENT_VERSION}"
            )
        return version

    def replacing(self, **sections: Section) -> Self:
        """A copy with some sections replaced."""
        return self.model_copy(update=sections)
