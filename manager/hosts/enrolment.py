"""Taking hosts in: who may come, under which identity and name, and with which certificate."""

from __future__ import annotations

import logging
import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent.protocol.version import agree
from foundation.joining import EnrolmentAnswer, EnrolmentRequest
from manager.access.principal import Principal
from manager.access.role import Role
from manager.audit.recording import Result, record
from manager.hosts.certificates import issue, key_of, revoke_all
from manager.hosts.live import LiveHosts
from manager.hosts.preferences import HostPreferences
from manager.hosts.states import HostState, enter_state, subject_of
from manager.hosts.tables import HostRow
from manager.hosts.tokens import use_token
from manager.preferences.storing import preference
from manager.problems import Conflict, Invalid
from manager.services import Services
from manager.version import manager_version

log = logging.getLogger("flexvdi.manager.hosts")

_IDENTITY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*")


def enrol(
    services: Services, request: EnrolmentRequest, principal: Principal | None, address: str
) -> EnrolmentAnswer:
    """Take the host of ``request`` in, on behalf of ``principal`` or by the request's token.

    Raises Failure with what is wrong, and then nothing has changed.
    """
    _check(request)
    agree(request.protocol)
    with services.database.writing() as session:
        if principal is None:
            assert request.token is not None
            token = use_token(
                services, session, request.token, request.host_id, key_of(request.request)
            )
            principal = Principal(
                token.created_by, Role.OPERATOR, f"join-token:{token.id}", address
            )
        row = _make_room(services, session, request, principal)
        made = issue(services, session, request.request, request.host_id, request.host_name)
        revoke_all(services, session, request.host_id, "replaced by joining", keep=made.serial)
        row.agent_version, row.protocol = request.agent_version[:60], request.protocol
        row.address, row.joined, row.joined_by = address, services.clock(), principal.name
        enter_state(
            services, session, row, HostState.JOINING, "Its Agent has not been heard of yet."
        )
        record(
            session,
            principal,
            "host.join",
            target=subject_of(row.id),
            data={"name": row.name, "address": address, "serial": made.serial},
            clock=services.clock,
        )
        services.events.publish(
            session, "host.joined", f"Host {row.name} joined.", subject=subject_of(row.id)
        )
    services.part(LiveHosts).forget(request.host_id)
    return EnrolmentAnswer(
        certificate=made.certificate,
        ca=services.authority.certificate,
        agents_port=services.settings.agents.port,
        manager_version=manager_version(),
        bridges=preference(services, HostPreferences).bridges,
    )


def record_refusal(services: Services, request: EnrolmentRequest, address: str, cause: str) -> None:
    """Note that a host was refused; whoever looks at the audit log sees attempts too."""
    nobody = Principal(request.user or request.host_name[:64], Role.READ_ONLY, "unknown", address)
    with services.database.writing() as session:
        record(
            session,
            nobody,
            "host.join",
            target=subject_of(request.host_id[:64]),
            result=Result.REFUSED,
            text=cause,
            clock=services.clock,
        )


def _check(request: EnrolmentRequest) -> None:
    if _IDENTITY.fullmatch(request.host_id) is None:
        raise Invalid("The host's identity is no UUID.", where="host_id")
    if _NAME.fullmatch(request.host_name) is None:
        raise Invalid("The host's name is none.", "Give the host a name first.", where="host_name")


def _make_room(
    services: Services, session: Session, request: EnrolmentRequest, principal: Principal
) -> HostRow:
    """The row of the host, new or taken over from what it replaces."""
    known = session.get(HostRow, request.host_id)
    namesake = session.scalar(select(HostRow).where(HostRow.name == request.host_name))
    for other, alike in ((known, "identity"), (namesake, "name")):
        if other is not None:
            _check_replaceable(services, other, alike, request)
    if namesake is not None and namesake.id != request.host_id:
        _give_up(services, session, namesake, principal)
        session.flush()
    if known is None:
        known = HostRow(
            id=request.host_id,
            name=request.host_name,
            state=HostState.UNKNOWN.value,
            state_since=services.clock(),
            joined=services.clock(),
            joined_by=principal.name,
            description="",
            reason="",
            remedy="",
            boot_id="",
            epoch=0,
        )
        session.add(known)
    known.name = request.host_name
    return known


def _check_replaceable(
    services: Services, other: HostRow, alike: str, request: EnrolmentRequest
) -> None:
    if other.id == request.host_id and other.state == HostState.JOINING.value:
        return  # its first attempt got no answer
    if services.part(LiveHosts).connected(other.id) is not None:
        raise Conflict(
            f"Host {other.name}, which is connected right now, has the same {alike}.",
            "Give this host another name."
            if alike == "name"
            else "This is another machine with the same mainboard UUID, or its Agent still runs: "
            "leave the platform there first.",
            where=alike,
        )
    if not request.replace:
        seen = f"{other.last_seen:%Y-%m-%d %H:%M} UTC" if other.last_seen else "never"
        raise Conflict(
            f"The platform has a host of the same {alike} already: {other.name}, last seen {seen}.",
            "If it is this one, reinstalled, or is given up, join with --replace; "
            "else give this host another name.",
            where=alike,
        )


def _give_up(services: Services, session: Session, other: HostRow, principal: Principal) -> None:
    revoke_all(services, session, other.id, f"replaced by {principal.name}")
    record(
        session,
        principal,
        "host.replace",
        target=subject_of(other.id),
        data={"name": other.name},
        clock=services.clock,
    )
    session.delete(other)
