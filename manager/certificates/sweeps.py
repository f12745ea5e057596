"""The Manager's own certificate is made anew in good time, and one that was brought is watched."""

from __future__ import annotations

from manager.access.principal import SYSTEM
from manager.certificates.live import LiveCertificates
from manager.services import Services


def renew_in_time(services: Services) -> None:
    """Make a new server certificate when the time has come."""
    if services.authority.server_certificate_is_due():
        services.part(LiveCertificates).renew(SYSTEM, ())


SWEEPS = (renew_in_time,)
