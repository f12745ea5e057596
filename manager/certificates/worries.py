"""Certificates that end soon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from manager.certificates.live import LiveCertificates
from manager.services import Services

_SOON = timedelta(days=14)


def ending(services: Services) -> Iterator[str]:
    """The brought one; the Manager's own is made anew by itself."""
    brought = services.part(LiveCertificates).brought
    if brought is not None and brought.not_after - services.clock() < _SOON:
        yield (
            f"The certificate that was brought for {', '.join(brought.names)} ends on "
            f"{brought.not_after:%Y-%m-%d}. Bring a new one, or go back to the Manager's own."
        )


WORRIES = (ending,)
