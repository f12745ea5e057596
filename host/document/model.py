"""The host document as typed, versioned values.

The document is declarative and complete: a host is a function of its image and this document.
Unknown keys are refused, because a misspelt key that is ignored is a change that is lost.
"""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, field_validator

from host.document.access import Access, Administrator, PasswordPolicy
from host.document.membership import Membership
from host.document.names import (
    HostName,
    Keyboard,
    Locale,
    ServerName,
    TimeZone,
    check_host_name,
    check_timezone,
)
from host.document.network import Network
from host.document.section import Section
from host.document.storage import Storage
from host.document.system import Certificate, CrashDump, Firewall, Logging

__all__ = [
    "DOCUMENT_VERSION",
    "Access",
    "Administrator",
    "Certificate",
    "CrashDump",
    "Firewall",
    "HostDocument",
    "Identity",
    "Logging",
    "Membership",
    "Network",
    "PasswordPolicy",
    "Storage",
    "Time",
    "check_host_name",
    "check_timezone",
]

DOCUMENT_VERSION = 1


class Identity(Section):
    """Who the host is, and the language of its console.

    ``keyboard`` is an X keyboard layout with an optional variant, as in ``es`` or ``us(intl)``;
    ``language`` a locale as in ``es_ES.UTF-8``.
    """

    hostname: HostName = "flexvdi-host"
    language: Locale = "en_US.UTF-8"
    keyboard: Keyboard = "us"


class Time(Section):
    """Time zone, and the NTP servers or pools that chrony follows.

    ``utc`` says that the hardware clock keeps UTC.
    """

    timezone: TimeZone = "UTC"
    utc: bool = True
    ntp_servers: tuple[ServerName, ...] = ()
    ntp_pools: tuple[ServerName, ...] = ()


class HostDocument(Section):
    """The whole document; every section has defaults, so that an empty one is valid."""

    version: int = DOCUMENT_VERSION
    identity: Identity = Identity()
    time: Time = Time()
    network: Network = Network()
    storage: Storage = Storage()
    access: Access = Access()
    certificate: Certificate = Certificate()
    logging: Logging = Logging()
    firewall: Firewall = Firewall()
    crash_dump: CrashDump = CrashDump()
    membership: Membership | None = None

    @field_validator("version")
    @classmethod
    def _known_version(cls, version: int) -> int:
        if version != DOCUMENT_VERSION:
            raise ValueError(
                f"version {version} is not known to this host, "
                f"which reads version {DOCUMENT_VERSION}"
            )
        return version

    def replacing(self, **sections: BaseModel | None) -> Self:
        """A copy with some sections replaced."""
        return self.model_copy(update=sections)
