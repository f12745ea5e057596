"""The report of an installation: what was done, on what, how long it took, and how it ended.

It is JSON, version 1, left on the host at ``/var/log/flexvdi/install/report.json`` and sent by POST
to the URL that the answers (``report_url``) or the kernel line (``inst.report=``) name, whether the
installation succeeded or failed. It holds no secret.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

import requests
from pydantic import BaseModel, ConfigDict

from foundation.image_release import ImageRelease
from foundation.manifest import Manifest
from installer.engine.events import FailureText
from installer.machine.model import Machine
from installer.storage.layout import Layout
from kickstart.install_plan import InstallPlan

log = logging.getLogger("flexvdi.installer")

REPORT_VERSION = 1
REPORT_PATH = "var/log/flexvdi/install/report.json"
POST_TIMEOUT = (10.0, 20.0)
POST_PAUSES = (2.0, 5.0)
"""Seconds between the attempts to post; then the installation goes on without."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReportedMachine(_Part):
    """Which machine it was; ``memory`` in bytes."""

    vendor: str
    product: str
    serial: str
    firmware: str
    secure_boot: bool
    memory: int
    mac_addresses: dict[str, str]


class ReportedDisk(_Part):
    """A disk that the plan writes to; ``size`` in bytes."""

    path: str
    lasting_path: str
    model: str
    serial: str
    wwn: str
    size: int
    erased: tuple[str, ...]


class ReportedImage(_Part):
    """The host image that was, or was to be, installed."""

    product: str
    version: str
    base: str
    base_release: str
    build_id: str
    sha256: str


class Report(_Part):
    """All of it; ``steps`` maps a step's name to the seconds it took, ``failed_step`` names one."""

    report_version: int = REPORT_VERSION
    result: Literal["finished", "failed"]
    started: datetime
    ended: datetime
    hostname: str = ""
    answers: str = ""
    machine: ReportedMachine | None = None
    disks: tuple[ReportedDisk, ...] = ()
    image: ReportedImage | None = None
    steps: dict[str, float] = {}
    failed_step: str = ""
    failure: FailureText | None = None


def make_report(
    *,
    started: datetime,
    answers: str,
    machine: Machine | None = None,
    plan: InstallPlan | None = None,
    layout: Layout | None = None,
    manifest: Manifest | None = None,
    release: ImageRelease | None = None,
    steps: dict[str, float] | None = None,
    failed_step: str = "",
    failure: FailureText | None = None,
) -> Report:
    """The report of what is known so far; with a ``failure`` the result is ``failed``."""
    return Report(
        result="failed" if failure else "finished",
        started=started,
        ended=datetime.now(UTC),
        hostname=plan.document.identity.hostname if plan else "",
        answers=answers,
        machine=_machine(machine) if machine else None,
        disks=_disks(machine, layout) if machine and layout else (),
        image=_image(manifest, release) if manifest else None,
        steps=dict(steps or {}),
        failed_step=failed_step,
        failure=failure,
    )


def post_report(
    report: Report,
    url: str,
    *,
    say: Callable[[str], None],
    pause: Callable[[float], object],
    verify_tls: bool = True,
) -> bool:
    """POST the report as JSON; tells through ``say`` and returns False when nobody took it.

    Redirects are followed by no POST, so an answer outside 2xx counts as refused.
    """
    server = urlsplit(url).netloc.rpartition("@")[2]
    for wait in (*POST_PAUSES, None):
        try:
            response = requests.post(
                url,
                data=report.model_dump_json().encode(),
                headers={"Content-Type": "application/json", "User-Agent": "flexvdi-install"},
                timeout=POST_TIMEOUT,
                verify=verify_tls,
                allow_redirects=False,
            )
        except requests.exceptions.RequestException as error:
            reason = type(error).__name__
        else:
            if 200 <= response.status_code < 300:
                say(f"The report was sent to {server}.")
                return True
            reason = f"{response.status_code} {response.reason}"
            if response.status_code < 500:
                break
        if wait is not None:
            pause(wait)
    say(f"Warning: the report could not be sent to {server}: {reason}.")
    return False


def _machine(machine: Machine) -> ReportedMachine:
    return ReportedMachine(
        vendor=machine.vendor,
        product=machine.product,
        serial=machine.serial,
        firmware=machine.firmware,
        secure_boot=machine.secure_boot,
        memory=machine.memory,
        mac_addresses={port.name: port.mac for port in machine.network_ports},
    )


def _disks(machine: Machine, layout: Layout) -> tuple[ReportedDisk, ...]:
    found = {disk.path: disk for disk in machine.disks}
    return tuple(
        ReportedDisk(
            path=planned.path,
            lasting_path=planned.lasting_path,
            model=found[planned.path].model if planned.path in found else "",
            serial=found[planned.path].serial if planned.path in found else "",
            wwn=found[planned.path].wwn if planned.path in found else "",
            size=planned.size,
            erased=planned.lost,
        )
        for planned in layout.disks
    )


def _image(manifest: Manifest, release: ImageRelease | None) -> ReportedImage:
    artefact = manifest.artefacts.get(manifest.image)
    return ReportedImage(
        product=manifest.product,
        version=manifest.version,
        base=manifest.base,
        base_release=manifest.base_release,
        build_id=release.build_id if release else manifest.build_id,
        sha256=artefact.sha256 if artefact else "",
    )
