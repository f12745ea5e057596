"""Looking whether a Manager can be deployed here, before anything is touched; as often as wanted.

Each check says its state, what was measured, and what to do. What is ``failed`` must be put right;
a ``warning`` can be acknowledged by the check's name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from foundation.failure import Failure
from host.deployment import preflight_host, preflight_network, preflight_storage
from host.deployment.appliance import Appliance, find_appliance
from host.deployment.preflight_check import Check, Preflight, Situation
from host.document.deployment import DeploymentRequest
from host.machine import Machine
from host.status import Virtualization


def look(
    machine: Machine,
    request: DeploymentRequest,
    virtualization: Callable[[], Virtualization],
    host_version: str,
    on_check: Callable[[Preflight], None] = lambda check: None,
) -> tuple[Preflight, ...]:
    """Every check, in a fixed order; they wait for answers from outside, so they run at once."""
    try:
        image: Appliance | Failure = find_appliance(machine, request.image)
    except Failure as failure:
        image = failure
    situation = Situation(machine, request, image, virtualization, host_version)
    checks = (*preflight_host.CHECKS, *preflight_network.CHECKS, *preflight_storage.CHECKS)
    found: list[Preflight] = []
    with ThreadPoolExecutor(len(checks)) as pool:
        running = [pool.submit(_carefully, name, check, situation) for name, check in checks]
        for one in running:
            for result in one.result():
                on_check(result)
                found.append(result)
    return tuple(found)


def unmet(checks: Sequence[Preflight], acknowledged: Sequence[str]) -> tuple[Preflight, ...]:
    """What stands in the way: failures, and warnings that nobody has acknowledged."""
    return tuple(
        check
        for check in checks
        if check.state == "failed" or (check.state != "ok" and check.name not in acknowledged)
    )


def refuse_unmet(checks: Sequence[Preflight], acknowledged: Sequence[str]) -> None:
    """Raise the first thing in the way as Failure; the others are its details."""
    in_the_way = sorted(unmet(checks, acknowledged), key=lambda check: check.state != "failed")
    if not in_the_way:
        return
    first = in_the_way[0]
    remedy = first.remedy
    if first.state != "failed":
        remedy = f"{remedy} If you accept it, say so: --acknowledge {first.name}.".strip()
    others = "\n".join(f"{check.name}: {check.measured}" for check in in_the_way[1:])
    raise Failure(f"{first.name}: {first.measured}", remedy, details=others)


def _carefully(name: str, check: Check, situation: Situation) -> tuple[Preflight, ...]:
    """A check that cannot look is itself something to be told."""
    try:
        found = check(situation)
    except Failure as failure:
        return (Preflight(name, "unknown", failure.cause, failure.remedy),)
    return found if isinstance(found, tuple) else (found,)
