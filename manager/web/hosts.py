"""Hosts: the list with how busy they are; one of them, and what can be done to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from foundation.failure import Failure
from manager.access.role import ANYBODY, OPERATORS
from manager.api import hosts as api
from manager.database.paging import DEFAULT_PAGE, After
from manager.hosts.finding import find_hosts, get_host
from manager.hosts.states import HostState, subject_of
from manager.tasks.task import TaskAccepted
from manager.web.drawing.forms import Form, Typed, made, typed
from manager.web.drawing.page import draw, says, see
from manager.web.drawing.paging import links
from manager.web.drawing.visit import Visit, visiting
from manager.web.host_load import LONG, SHORT, load_of

ROUTER = APIRouter(include_in_schema=False)
_STATES = {state.value: state for state in HostState}
_GUESTS_SHOWN = 20
_LATEST = 8
says(
    host_changed="The host’s name and description are saved.",
    host_removed="The host was removed from the platform; its guests go on as they are.",
    certificate_asked="The host was asked to fetch a new certificate.",
)


@ROUTER.get("/hosts")
def hosts(
    request: Request,
    visit: Annotated[Visit, visiting(*ANYBODY)],
    state: str = "",
    after: After = None,
) -> Response:
    """All hosts, by name."""
    page = find_hosts(visit.services, size=DEFAULT_PAGE, after=after, state=_STATES.get(state))
    return draw(
        request,
        "hosts.html",
        visit,
        here="/hosts",
        rows=[(host, load_of(visit.services, host, SHORT)) for host in page.items],
        typed=typed(state=state),
        links=links("/hosts", page.next, after, state=state),
    )


@ROUTER.get("/hosts/{host}")
def host(request: Request, host: str, visit: Annotated[Visit, visiting(*ANYBODY)]) -> Response:
    """One host."""
    return _page(request, visit, host)


@ROUTER.post("/hosts/{host}/edit")
def edit(
    request: Request, host: str, form: Form, visit: Annotated[Visit, visiting(*OPERATORS)]
) -> Response:
    """Rename or describe it."""
    try:
        change = made(
            api.HostChange,
            name=form["name"],
            description=form["description"],
            version=form["version"] or None,
        )
        api.edit_host(host, change, visit.services, visit.principal)
    except Failure as failure:
        return _page(request, visit, host, failure, form)
    return see(f"/hosts/{host}", "host-changed")


@ROUTER.post("/hosts/{host}/maintenance")
def maintenance(
    request: Request, host: str, form: Form, visit: Annotated[Visit, visiting(*OPERATORS)]
) -> Response:
    """Take it out of service."""
    return _start(
        request,
        visit,
        host,
        form,
        lambda: api.begin_maintenance(
            host, made(api.Because, reason=form["reason"]), visit.services, visit.principal
        ),
    )


@ROUTER.post("/hosts/{host}/service")
def service(
    request: Request, host: str, form: Form, visit: Annotated[Visit, visiting(*OPERATORS)]
) -> Response:
    """Put it back into service."""
    return _start(
        request,
        visit,
        host,
        form,
        lambda: api.end_maintenance(host, visit.services, visit.principal),
    )


@ROUTER.post("/hosts/{host}/power")
def power(
    request: Request, host: str, form: Form, visit: Annotated[Visit, visiting(*OPERATORS)]
) -> Response:
    """Reboot it or power it off."""
    return _start(
        request,
        visit,
        host,
        form,
        lambda: api.power_host(
            host,
            made(
                api.PowerRequest,
                action=form["action"],
                reason=form["reason"],
                with_guests="with_guests" in form,
            ),
            visit.services,
            visit.principal,
        ),
    )


@ROUTER.post("/hosts/{host}/bridge")
def bridge(
    request: Request, host: str, form: Form, visit: Annotated[Visit, visiting(*OPERATORS)]
) -> Response:
    """Make a bridge that is missing on it."""
    return _start(
        request,
        visit,
        host,
        form,
        lambda: api.add_bridge(
            host,
            made(api.BridgeRequest, name=form["bridge"], port=form["port"] or None),
            visit.services,
            visit.principal,
        ),
    )


@ROUTER.post("/hosts/{host}/diagnose")
def diagnose(
    request: Request, host: str, form: Form, visit: Annotated[Visit, visiting(*OPERATORS)]
) -> Response:
    """Have it look at itself."""
    return _start(
        request,
        visit,
        host,
        form,
        lambda: api.diagnose_host(host, visit.services, visit.principal),
    )


@ROUTER.post("/hosts/{host}/certificate")
def certificate(
    request: Request, host: str, visit: Annotated[Visit, visiting(*OPERATORS)]
) -> Response:
    """Have it fetch a new certificate."""
    try:
        api.renew_certificate(host, visit.services, visit.principal)
    except Failure as failure:
        return _page(request, visit, host, failure)
    return see(f"/hosts/{host}", "certificate-asked")


@ROUTER.post("/hosts/{host}/remove")
def remove(
    request: Request, host: str, form: Form, visit: Annotated[Visit, visiting(*OPERATORS)]
) -> Response:
    """Remove it from the platform."""
    try:
        api.delete_host(host, visit.services, visit.principal, force="force" in form)
    except Failure as failure:
        return _page(request, visit, host, failure, form)
    return see("/hosts", "host-removed")


def _start(
    request: Request, visit: Visit, host: str, form: Typed, start: Callable[[], TaskAccepted]
) -> Response:
    """Start a task and go to it; what is wrong is told on the host's page."""
    try:
        return see(f"/tasks/{start().task}")
    except Failure as failure:
        return _page(request, visit, host, failure, form)


def _page(
    request: Request,
    visit: Visit,
    host: str,
    failure: Failure | None = None,
    form: Typed | None = None,
) -> Response:
    found = get_host(visit.services, host)
    first = typed(
        name=found.name, description=found.description, version=str(found.version), action="reboot"
    )
    return draw(
        request,
        "host.html",
        visit,
        here="/hosts",
        failure=failure,
        host=found,
        load=load_of(visit.services, found, LONG),
        tasks=visit.services.tasks.find(size=_LATEST, subject=subject_of(host)).items,
        typed=first if form is None else typed(**(first.texts() | form.texts())),
    )
