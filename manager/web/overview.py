"""The overview: how the platform is, what needs attention, what happened last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from manager.access.role import ANYBODY
from manager.api.health import health_of
from manager.database.paging import LARGEST_PAGE
from manager.events.finding import find_events
from manager.hosts.finding import Host, find_hosts, get_host
from manager.hosts.states import CONNECTED, HostState
from manager.services import Services
from manager.tasks.task import Task, TaskState
from manager.web.drawing.page import draw
from manager.web.drawing.visit import Visit, visiting

ROUTER = APIRouter(include_in_schema=False)
_LATEST = 6
# A task that failed is pointed out for so long.
_LATELY = timedelta(days=1)
_MOST_POINTED_OUT = 20
_WORST_FIRST = ("bad", "warn", "busy")


@dataclass(frozen=True)
class Platform:
    """All hosts together; memory in bytes, ``cpu`` a share of all processors that are there."""

    hosts: int
    running: int
    others: str
    guests: int
    guests_running: int
    threads: int
    cpu: float | None
    memory: int
    memory_used: int | None

    @property
    def memory_share(self) -> float | None:
        """How much of the memory is in use."""
        if self.memory_used is None or not self.memory:
            return None
        return self.memory_used / self.memory


@dataclass(frozen=True)
class Attention:
    """Something that an administrator should look at, at ``path``."""

    kind: Literal["bad", "warn", "busy"]
    path: str
    subject: str
    cause: str
    remedy: str = ""


@dataclass(frozen=True)
class Notice:
    """The same thing about one or several subjects: pairs of a path and a name."""

    kind: str
    cause: str
    remedy: str
    about: tuple[tuple[str, str], ...]


@ROUTER.get("/")
def overview(request: Request, visit: Annotated[Visit, visiting(*ANYBODY)]) -> Response:
    """The page."""
    hosts = list(_all_hosts(visit.services))
    tasks = visit.services.tasks.find(size=LARGEST_PAGE).items
    notices = noticed(
        [
            *_of_manager(visit.services),
            *_of_hosts(visit.services, hosts),
            *_of_tasks(visit.services, tasks),
        ]
    )
    return draw(
        request,
        "overview.html",
        visit,
        here="/",
        platform=platform_of(hosts),
        notices=notices[:_MOST_POINTED_OUT],
        unsaid=max(0, len(notices) - _MOST_POINTED_OUT),
        tasks=tasks[:_LATEST],
        events=find_events(visit.services, size=_LATEST).items,
    )


def platform_of(hosts: list[Host]) -> Platform:
    """All of ``hosts`` together; load only of those that are connected and have told some."""
    measured = [host for host in hosts if host.connected and host.load is not None]
    threads = sum(host.cpu_threads for host in measured)
    busy = sum(host.load.cpu * host.cpu_threads for host in measured if host.load)
    states = Counter(host.state for host in hosts if host.state is not HostState.RUNNING)
    return Platform(
        hosts=len(hosts),
        running=sum(host.state is HostState.RUNNING for host in hosts),
        others=", ".join(f"{count} {state.value}" for state, count in sorted(states.items())),
        guests=sum(host.guests for host in hosts),
        guests_running=sum(host.guests_running for host in hosts),
        threads=threads,
        cpu=busy / threads if threads else None,
        memory=sum(host.memory for host in measured),
        memory_used=sum(host.load.memory for host in measured if host.load) if measured else None,
    )


def noticed(attention: list[Attention]) -> list[Notice]:
    """What is the same for several together, the worst first."""
    about: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    for each in attention:
        key = (each.kind, each.cause, each.remedy)
        about.setdefault(key, []).append((each.path, each.subject))
    found = [Notice(*key, tuple(subjects)) for key, subjects in about.items()]
    return sorted(found, key=lambda notice: _WORST_FIRST.index(notice.kind))


def _all_hosts(services: Services) -> Iterator[Host]:
    after = None
    while True:
        page = find_hosts(services, size=LARGEST_PAGE, after=after)
        yield from page.items
        after = page.next
        if after is None:
            return


def _of_manager(services: Services) -> Iterator[Attention]:
    for reason in health_of(services).reasons:
        yield Attention("bad", "/about", "The Manager", reason)


def _of_hosts(services: Services, hosts: list[Host]) -> Iterator[Attention]:
    for host in hosts:
        path = f"/hosts/{host.id}"
        if host.state is HostState.RUNNING:
            if host.reason:
                yield Attention("warn", path, host.name, host.reason, host.remedy)
        elif host.state is not HostState.MAINTENANCE:
            waits = host.state in (HostState.JOINING, HostState.UNKNOWN)
            cause = host.reason or f"It is {host.state.value}."
            yield Attention("busy" if waits else "bad", path, host.name, cause, host.remedy)
        if host.state in CONNECTED:
            yield from _of_facts(services, host, path)


def _of_facts(services: Services, host: Host, path: str) -> Iterator[Attention]:
    found = get_host(services, host.id)
    for bridge in found.missing_bridges:
        yield Attention(
            "warn",
            path,
            host.name,
            f"The bridge “{bridge}” is missing.",
            "Make it on the host’s page, or in its flexVDI Config.",
        )
    for check in found.facts.checks if found.facts else ():
        if check.state in ("warning", "failed"):
            kind: Literal["bad", "warn"] = "bad" if check.state == "failed" else "warn"
            yield Attention(kind, path, host.name, check.reason or check.name, check.remedy)


def _of_tasks(services: Services, tasks: list[Task]) -> Iterator[Attention]:
    since = services.clock() - _LATELY
    for task in tasks:
        if task.state is TaskState.FAILED and task.created > since and task.error is not None:
            yield Attention(
                "warn", f"/tasks/{task.id}", task.title, task.error.cause, task.error.remedy
            )
