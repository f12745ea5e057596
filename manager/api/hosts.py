"""Hosts: listed, looked at, told what to do, removed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from agent.protocol.to_agent import RenewCertificate
from manager.access.principal import Principal
from manager.access.requires import requires
from manager.access.role import ANYBODY, OPERATORS
from manager.database.paging import DEFAULT_PAGE, After, Page, PageSize
from manager.hosts.finding import Host, HostDetail, change_host, find_hosts, get_host
from manager.hosts.leaving import remove_host
from manager.hosts.live import LiveHosts, Sample
from manager.hosts.states import HostState, subject_of
from manager.problems import Conflict
from manager.services import Services, WithServices
from manager.tasks.task import TaskAccepted

ROUTER = APIRouter(prefix="/api/v1/hosts", tags=["hosts"])

Operator = Annotated[Principal, requires(*OPERATORS)]
Reason = Annotated[str, Field(min_length=1, max_length=200)]


class HostChange(BaseModel):
    """What is to change; ``version`` (of the host as it was read) refuses overwriting others."""

    name: Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[^\s/]+$")] | None = None
    description: Annotated[str, Field(max_length=2000)] | None = None
    version: int | None = None


class Because(BaseModel):
    """Why, for those who wonder later."""

    reason: Reason


class PowerRequest(Because):
    """``with_guests`` says that running guests may be stopped by it."""

    action: Literal["reboot", "off"]
    with_guests: bool = False


class BridgeRequest(BaseModel):
    """A bridge to make on a host, on ``port`` or only for guests among themselves."""

    name: Annotated[str, Field(pattern=r"^[^\s/:%]{1,15}$")]
    port: Annotated[str, Field(pattern=r"^[^\s/:%]{1,15}$")] | None = None


class Statistics(BaseModel):
    """Samples of a host, oldest first; ask again with ``since`` set to the last one's ``at``."""

    samples: list[Sample]


@ROUTER.get("")
def list_hosts(
    services: WithServices,
    principal: Annotated[Principal, requires(*ANYBODY)],
    size: PageSize = DEFAULT_PAGE,
    after: After = None,
    state: HostState | None = None,
) -> Page[Host]:
    """A page of hosts, by name."""
    return find_hosts(services, size=size, after=after, state=state)


@ROUTER.get("/{host}")
def show_host(
    host: str, services: WithServices, principal: Annotated[Principal, requires(*ANYBODY)]
) -> HostDetail:
    """All that is known of a host."""
    return get_host(services, host)


@ROUTER.patch("/{host}")
def edit_host(
    host: str, change: HostChange, services: WithServices, principal: Operator
) -> HostDetail:
    """Rename or describe a host; its own host name stays as it is."""
    return change_host(
        services,
        host,
        principal,
        name=change.name,
        description=change.description,
        version=change.version,
    )


@ROUTER.delete("/{host}", status_code=204)
def delete_host(
    host: str,
    services: WithServices,
    principal: Operator,
    force: Annotated[bool, Query(description="Also when it is not connected.")] = False,
) -> None:
    """Remove a host from the platform and revoke its certificate; its guests go on."""
    remove_host(services, host, principal, force=force)


@ROUTER.get("/{host}/statistics")
def host_statistics(
    host: str,
    services: WithServices,
    principal: Annotated[Principal, requires(*ANYBODY)],
    since: Annotated[float, Query(description="Seconds since 1970.")] = 0.0,
) -> Statistics:
    """How busy the host was in the last hour."""
    return Statistics(samples=services.part(LiveHosts).samples(host, since))


@ROUTER.post("/{host}/maintenance", status_code=202)
def begin_maintenance(
    host: str, because: Because, services: WithServices, principal: Operator
) -> TaskAccepted:
    """Have the host start no guests by itself; those that run go on."""
    return _task(
        services,
        principal,
        host,
        "host.maintenance-enter",
        "Put {name} into maintenance",
        reason=because.reason,
    )


@ROUTER.delete("/{host}/maintenance", status_code=202)
def end_maintenance(host: str, services: WithServices, principal: Operator) -> TaskAccepted:
    """Put the host back into service."""
    return _task(
        services, principal, host, "host.maintenance-leave", "Put {name} back into service"
    )


@ROUTER.post("/{host}/power", status_code=202)
def power_host(
    host: str, request: PowerRequest, services: WithServices, principal: Operator
) -> TaskAccepted:
    """Reboot the host or power it off; it must be in maintenance."""
    if get_host(services, host).state is not HostState.MAINTENANCE:
        raise Conflict(
            "The host is in service.", "Put it into maintenance first, and move its guests."
        )
    words = "Reboot {name}" if request.action == "reboot" else "Power {name} off"
    return _task(services, principal, host, "host.power", words, **request.model_dump())


@ROUTER.post("/{host}/bridges", status_code=202)
def add_bridge(
    host: str, request: BridgeRequest, services: WithServices, principal: Operator
) -> TaskAccepted:
    """Make a bridge on the host; it goes back if the host cannot be reached with it."""
    words = f"Make the bridge {request.name} on {{name}}"
    return _task(services, principal, host, "host.create-bridge", words, **request.model_dump())


@ROUTER.post("/{host}/diagnosis", status_code=202)
def diagnose_host(host: str, services: WithServices, principal: Operator) -> TaskAccepted:
    """Have the host look at itself; the task's result holds what it found."""
    return _task(services, principal, host, "host.diagnose", "Diagnose {name}")


@ROUTER.post("/{host}/certificate", status_code=202)
def renew_certificate(host: str, services: WithServices, principal: Operator) -> None:
    """Have the host's Agent ask for a new certificate now; it does so by itself in time."""
    if not services.part(LiveHosts).say(host, RenewCertificate()):
        name = get_host(services, host).name
        raise Conflict(f"Host {name} is not connected.", "Wait until it is.")


def _task(
    services: Services, principal: Principal, host: str, kind: str, title: str, **arguments: Any
) -> TaskAccepted:
    name = get_host(services, host).name
    with services.database.writing() as session:
        task = services.tasks.create(
            session,
            kind,
            {"host": host, **arguments},
            principal,
            title=title.format(name=name),
            subject=subject_of(host),
        )
    return TaskAccepted(task=task)
