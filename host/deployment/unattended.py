"""Deploying the Manager that a kickstart has asked for, at the first boot, with nobody there.

The unit that does it tries again until it is done. What has failed goes on where it stood; what
has not been begun is looked at anew each time, for a network may come up late.
"""

from __future__ import annotations

import json

from foundation.failure import Failure
from host.api.manager import DeploymentResult, ManagerApi, OnEvent, Suggestions
from host.audit import Actor
from host.deployment.deploying import open_job
from host.deployment.descriptor import kept_on
from host.document.deployment import (
    REQUEST_FILE,
    DeploymentRequest,
    UnattendedDeployment,
    read_unattended,
)
from host.document.system_files import FileContent
from host.jobs import Jobs
from host.machine import Machine

REPORT_FILE = "var/lib/flexvdi/manager-deployment.json"


def deploy(
    manager: ManagerApi, machine: Machine, jobs: Jobs, actor: Actor, on_event: OnEvent
) -> DeploymentResult | None:
    """Once; leaves a report of how it went, and no request once it went well."""
    content = machine.files.read(REQUEST_FILE)
    if content is None:
        return None
    try:
        result = _deploy(manager, machine, jobs, actor, on_event, content.text)
    except Failure as failure:
        _report(machine, {"state": "failed", **failure.as_dict()})
        raise
    machine.files.put(REQUEST_FILE, None)
    address = result.address if result is not None else ""
    _report(machine, {"state": "done", "address": address})
    return result


def _deploy(
    manager: ManagerApi,
    machine: Machine,
    jobs: Jobs,
    actor: Actor,
    on_event: OnEvent,
    text: str,
) -> DeploymentResult | None:
    try:
        asked = read_unattended(json.loads(text))
    except ValueError as error:
        raise Failure(
            f"/{REQUEST_FILE} is damaged.", "Deploy with `flexvdi-config manager deploy`."
        ) from error
    kept = kept_on(machine)
    if open_job(jobs) is not None:
        return manager.retry(actor, on_event)
    if kept is not None and kept.descriptor.name == asked.name:
        return None  # it was done, and this host went down before the request was removed
    request = request_for(asked, manager.suggestions())
    return manager.deploy(manager.plan(request), actor, on_event, acknowledge=asked.acknowledge)


def request_for(asked: UnattendedDeployment, found: Suggestions) -> DeploymentRequest:
    """What is asked for, with what this host suggests for the rest."""
    if asked.bridge is None and not found.bridges:
        raise Failure(
            "This host has no bridge for the Manager.",
            "Name one in the kickstart: network.interfaces, and bridge in manager.",
        )
    bridge = found.bridges[0] if found.bridges else ""
    return asked.request(bridge, found.folders[0][0], found.dns, found.gateway_for(asked.address))


def _report(machine: Machine, report: dict[str, str]) -> None:
    machine.files.put(REPORT_FILE, FileContent(json.dumps(report) + "\n", 0o644))
