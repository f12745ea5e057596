"""Guests of this machine, by libvirt (host.machine.guests.Guests)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from foundation.failure import Failure

_REMEDY = "See `systemctl status libvirtd virtqemud`."


class RealGuests:
    """``qemu:///system``."""

    def running(self) -> int:
        """Active domains."""
        with _connection() as connection:
            return int(connection.numOfDomains())

    def autostarted(self) -> tuple[str, ...]:
        """Persistent domains with autostart."""
        import libvirt

        with _connection() as connection:
            domains = connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART)
            return tuple(sorted(domain.name() for domain in domains))

    def set_autostart(self, guest: str, on: bool) -> None:
        """virDomainSetAutostart."""
        import libvirt

        with _connection() as connection:
            try:
                connection.lookupByName(guest).setAutostart(int(on))
            except libvirt.libvirtError as error:
                if error.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
                    raise


@contextmanager
def _connection() -> Iterator[Any]:
    try:
        import libvirt
    except ImportError as error:
        raise Failure("libvirt's Python binding is missing.", _REMEDY) from error
    libvirt.registerErrorHandler(lambda _context, _error: None, None)
    try:
        connection = libvirt.open("qemu:///system")
        try:
            yield connection
        finally:
            connection.close()
    except libvirt.libvirtError as error:
        words = (error.get_error_message() or "no reason given").rstrip(".")
        raise Failure(f"libvirt does not answer: {words}.", _REMEDY) from error
