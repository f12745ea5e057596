"""The server that a copy of the log goes to."""

from __future__ import annotations

from host.document.log_target import log_target_files
from host.document.model import HostDocument
from host.document.system_files import place_of
from host.files_part import Contents, FilesPart
from host.machine import Machine

_SERVICE = "flexvdi-log-target.service"


def _files(document: HostDocument, machine: Machine) -> Contents:
    return log_target_files(
        document.logging.target, f"/{place_of('ca-certificates', machine.places)}"
    )


def _is_active(document: HostDocument, machine: Machine) -> bool:
    return machine.services.is_enabled(_SERVICE) == (document.logging.target is not None)


def _activate(document: HostDocument, machine: Machine, _changed: tuple[str, ...]) -> None:
    if document.logging.target is None:
        machine.services.disable(_SERVICE)
    else:
        machine.services.enable(_SERVICE)
        machine.services.restart(_SERVICE)  # rsyslogd does not read its configuration again


PART = FilesPart(
    name="log_target",
    title="Log target",
    rank=70,
    files=_files,
    is_active=_is_active,
    activate=_activate,
    subject=lambda path: "Log target's CA" if path.endswith(".pem") else "Log target",
)
