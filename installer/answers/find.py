"""Which kickstart answers this installation: the order in which Anaconda looks for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from foundation.failure import Cancelled, Failure
from foundation.kernel_command_line import KernelCommandLine
from installer.answers.fetch import Fetcher
from installer.answers.locations import (
    DiskLocation,
    FileLocation,
    HttpLocation,
    Location,
    parse_location,
)
from installer.answers.volumes import find_device
from installer.machine.model import Machine

AUTOMATIC_LABEL = "OEMDRV"
"""A volume with this label and a ``ks.cfg`` answers without any boot argument."""


@dataclass(frozen=True)
class Answers:
    """A kickstart that was found: where, and its bytes.

    ``origin`` is the URL that its includes are relative to; empty when it came from a volume.
    ``path`` is set when it is a file of this system, which messages then name and includes start
    from.
    """

    location: str
    content: bytes
    origin: str = ""
    path: Path | None = None


def locations_asked_for(command_line: KernelCommandLine) -> tuple[Location, ...]:
    """The places that ``inst.ks=`` names, in order; raises Failure for what names none."""
    if command_line.has("inst.ks") and not command_line.all("inst.ks"):
        raise Failure(
            "inst.ks without a value asks for a kickstart named by DHCP, which is not supported.",
            "Name the place: inst.ks=http://SERVER/PATH",
        )
    return tuple(parse_location(text) for text in command_line.all("inst.ks"))


def headers_asked_for(command_line: KernelCommandLine, machine: Machine) -> dict[str, str]:
    """The headers that ``inst.ks.sendmac`` and ``inst.ks.sendsn`` add, named as Anaconda's."""
    headers: dict[str, str] = {}
    if command_line.has("inst.ks.sendmac"):
        for number, port in enumerate(machine.network_ports):
            headers[f"X-RHN-Provisioning-MAC-{number}"] = f"{port.name} {port.mac}"
    if command_line.has("inst.ks.sendsn") and machine.serial:
        headers["X-System-Serial-Number"] = machine.serial
    return headers


def find_answers(locations: tuple[Location, ...], fetcher: Fetcher) -> Answers | None:
    """The first kickstart that can be had; None when none was asked for and none is offered.

    Places asked for are tried in order. When none of them yields a kickstart, raises the Failure
    of the last, whose details tell the others; being asked to stop ends the search at once.
    """
    if not locations:
        return _offered_by_label(fetcher)
    failures: list[Failure] = []
    for location in locations:
        try:
            content = fetcher.fetch(location)
            origin = location.without_user if isinstance(location, HttpLocation) else ""
            path = Path(location.path) if isinstance(location, FileLocation) else None
            return Answers(str(location), content, origin, path)
        except Cancelled:
            raise
        except Failure as failure:
            failures.append(failure)
            fetcher.say(str(failure))
    last = failures[-1]
    if len(failures) > 1:
        last.details = "\n".join([*(str(failure) for failure in failures[:-1]), last.details])
    raise last


def _offered_by_label(fetcher: Fetcher) -> Answers | None:
    for label in (AUTOMATIC_LABEL, AUTOMATIC_LABEL.lower()):
        device = find_device(f"LABEL={label}", fetcher.devices)
        if device is None:
            continue
        with fetcher.mount(str(device), "") as root:
            if not (root / "ks.cfg").is_file():
                fetcher.say(f"The volume {label} holds no ks.cfg, so the questions are asked here.")
                return None
        return Answers(
            f"ks.cfg on the volume {label}", fetcher.fetch(DiskLocation(f"LABEL={label}"))
        )
    return None
