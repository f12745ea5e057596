"""Whether a connection that proved to be a host's is let in, and what that changes."""

from __future__ import annotations

from datetime import timedelta

from cryptography import x509

from agent.protocol.to_agent import RefusalCode, Refused, Welcome
from agent.protocol.to_manager import Hello
from agent.protocol.version import agree
from foundation.failure import Failure
from manager.hosts.certificates import is_valid, take_in_from_after_backup
from manager.hosts.live import LiveHosts
from manager.hosts.states import HostState, enter_state, subject_of
from manager.hosts.tables import HostRow
from manager.services import Services
from manager.version import manager_version

# A connection that was heard so recently is alive; another machine that says it is the same host
# does not take its place.
_SURELY_ALIVE = 12.0  # seconds
_REJOIN = (
    "Join it again, with a new join string; leave first if the host still says it is a member."
)


def admit(
    services: Services, identity: str, certificate: x509.Certificate, hello: Hello, address: str
) -> Welcome | Refused:
    """Let the host in that the certificate names, in a new epoch; or say why not."""
    serial = f"{certificate.serial_number:x}"
    if hello.host_id != identity:
        return _refused(
            "wrong-host",
            "The Agent says it is another host than its certificate is for.",
            "Leave the platform on this host, and join again.",
        )
    with services.database.writing() as session:
        row = session.get(HostRow, identity)
        if row is None:
            return _refused("unknown-host", "This host was removed from the platform.", _REJOIN)
        if take_in_from_after_backup(services, session, certificate, identity):
            services.events.publish(
                session,
                "host.certificate-taken-in",
                f"Host {row.name} came with a certificate from after the backup that this Manager "
                "was restored from; it is good.",
                subject=subject_of(row.id),
            )
        if not is_valid(session, serial, identity):
            return _refused("revoked", "This host's certificate was revoked.", _REJOIN)
        if _is_elsewhere(services, row, hello):
            return _refused(
                "busy",
                f"Another machine with the identity of {row.name} is connected right now.",
                "If both are real, they have the same mainboard UUID: leave the platform on one "
                "of them. After a reboot this ends by itself within seconds.",
            )
        row.address, row.last_seen = address, services.clock()
        row.agent_version, row.protocol = hello.agent_version[:60], hello.protocol[:20]
        row.boot_id = hello.boot_id[:64]
        try:
            version = agree(hello.protocol)
        except Failure as failure:
            enter_state(
                services,
                session,
                row,
                HostState.INCOMPATIBLE,
                f"{failure.cause} (Agent {hello.agent_version}, Manager {manager_version()})",
                failure.remedy,
            )
            return _refused("incompatible", failure.cause, failure.remedy)
        # Whatever another Manager of the same platform gave out before a restore is older too.
        row.epoch = max(row.epoch, hello.epoch) + 1
        return Welcome(protocol=str(version), manager_version=manager_version(), epoch=row.epoch)


def _is_elsewhere(services: Services, row: HostRow, hello: Hello) -> bool:
    live = services.part(LiveHosts)
    known = live.connected(row.id)
    return (
        known is not None
        and known.boot_id != hello.boot_id
        and live.silent_for(row.id) < _SURELY_ALIVE
    )


def _refused(code: RefusalCode, cause: str, remedy: str) -> Refused:
    return Refused(code=code, cause=cause, remedy=remedy)


def note_lost(services: Services, silence: timedelta) -> None:
    """Hosts whose Agents have been silent for longer than ``silence`` are unavailable."""
    from sqlalchemy import select

    live = services.part(LiveHosts)
    with services.database.reading() as session:
        rows = session.execute(select(HostRow.id, HostRow.state, HostRow.state_since)).all()
    now = services.clock()
    for host, state, since in rows:
        if state in (HostState.UNAVAILABLE.value, HostState.INCOMPATIBLE.value):
            continue
        if live.connected(host) is not None and live.silent_for(host) < silence.total_seconds():
            continue
        if live.silent_for(host) < silence.total_seconds() or now - since < silence:
            continue
        live.close(host)
        with services.database.writing() as session:
            row = session.get(HostRow, host)
            if row is None or row.state != state:
                continue
            enter_state(
                services,
                session,
                row,
                HostState.UNAVAILABLE,
                f"Its Agent has been silent for more than {silence.total_seconds():.0f} seconds."
                if row.last_seen is not None
                else "Its Agent was never heard of since it joined.",
                "Its guests may well run. Check the host's power and network, and there "
                "`flexvdi-agent status`.",
            )
