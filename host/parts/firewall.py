"""The packet filter: whether it runs, and what it lets through."""

from __future__ import annotations

import logging

from host.document.model import HostDocument
from host.document.system_files import FIREWALL_ZONE, firewall_files, opened_services
from host.files_part import Contents, FilesPart
from host.machine import Machine

log = logging.getLogger("flexvdi.firewall")

_SERVICE = "firewall"


def _files(document: HostDocument, machine: Machine) -> Contents:
    if not document.firewall.enabled:
        return {}
    return firewall_files(document.firewall, _known(document, machine))


def _known(document: HostDocument, machine: Machine) -> frozenset[str]:
    """firewalld refuses a zone with a service it does not know, and then lets nothing through."""
    known = machine.firewall.known_services()
    for service in document.firewall.services:
        if service not in known:
            log.warning("the firewall does not know the service %s", service)
    return known


def _is_active(document: HostDocument, machine: Machine) -> bool:
    if machine.services.is_enabled(_SERVICE) != document.firewall.enabled:
        return False
    if not document.firewall.enabled:
        return True
    opened = machine.firewall.opened(FIREWALL_ZONE)
    if opened is None:
        return False
    known = machine.firewall.known_services()
    services = (name for name in document.firewall.services if name in known)
    return opened.services == set(opened_services(tuple(services))) and opened.ports == set(
        document.firewall.ports
    )


def _activate(document: HostDocument, machine: Machine, _changed: tuple[str, ...]) -> None:
    if not document.firewall.enabled:
        machine.services.disable(_SERVICE)
        return
    machine.services.enable(_SERVICE)
    machine.firewall.reload()


PART = FilesPart(
    name="firewall",
    title="Firewall",
    rank=80,
    risk="connection",
    files=_files,
    is_active=_is_active,
    activate=_activate,
    subject=lambda _path: "Firewall",
)
