"""MembershipApi on the ports of a machine (host.api.membership)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from foundation.failure import Failure
from foundation.image_release import RELEASE_PATH
from foundation.joining import (
    AGENT_PROTOCOL,
    EnrolmentAnswer,
    EnrolmentRequest,
    ManagerAddress,
    readable_fingerprint,
)
from foundation.secret import Secret
from host.api.membership import Joined, JoinSecret, ManagerFound, MembershipStatus
from host.applying import apply_document
from host.audit import Actor, record
from host.document.interfaces import Bridge
from host.document.membership import ManagerPlace, Membership
from host.document.model import HostDocument
from host.document.system_files import FileContent
from host.in_force import read_current
from host.jobs import Jobs
from host.machine import Machine
from host.machine.enrolment import Authority, NoAnswer
from host.membership_files import (
    AGENT_SERVICE,
    JOINING_KEY_FILE,
    LEAVING_FILE,
    REPORT_FILE,
    TOKEN_FILE,
    FileDamaged,
    Member,
    certificate_until,
    check_credentials,
    forget_member,
    joining_key,
    read_manager,
    read_member,
    signing_request,
    write_member,
)

# Certificates begin somewhat before they are made; more than this is worth telling, and breaks
# one-time codes and logs besides.
_MOST_CLOCK_DIFFERENCE = 120.0  # seconds
_FAREWELL = 20.0  # seconds that the Agent may take to say that the host leaves


class MembershipDoor:
    """See host.api.membership.MembershipApi."""

    def __init__(self, machine: Machine, jobs: Jobs) -> None:
        """The door to ``machine``."""
        self._machine = machine
        self._jobs = jobs

    def status(self) -> MembershipStatus | None:
        """From the files, and the Agent's own report."""
        files = self._machine.files
        member, manager = read_member(files), read_manager(files)
        if member is None or manager is None:
            return None
        report = self._report()
        return MembershipStatus(
            manager=manager.manager,
            agents_port=manager.agents_port,
            host_id=member.host_id,
            host_name=member.host_name,
            joined=member.joined,
            who=member.who,
            certificate_until=certificate_until(files),
            others=tuple(place.address for place in manager.others),
            state=report.get("state", "stopped"),
            since=report.get("since"),
            problem=report.get("cause", "" if report else "The Agent does not run."),
            remedy=report.get(
                "remedy", "" if report else f"See `systemctl status {AGENT_SERVICE}`."
            ),
        )

    def find(self, address: str, port: int) -> ManagerFound:
        """Ask for the CA."""
        found = self._machine.enrolment.authority(address, port)
        return ManagerFound(ManagerAddress(address, port, found.fingerprint), found.clock_ahead)

    def join(
        self, manager: ManagerAddress, secret: JoinSecret, actor: Actor, *, replace: bool = False
    ) -> Joined:
        """Look, ask, keep, and have the document say so; in that order, and undone on failure."""
        try:
            joined = self._join(manager, secret, actor, replace)
        except Failure as failure:
            words = f"Joining {manager.address} failed: {failure.cause}"
            record(actor, "join", "failed", words, verb="manager join")
            raise
        words = f"The host joined the platform of {manager.address}."
        record(actor, "join", "done", words, verb="manager join", host_id=joined.status.host_id)
        return joined

    def _join(
        self, manager: ManagerAddress, secret: JoinSecret, actor: Actor, replace: bool
    ) -> Joined:
        files = self._machine.files
        if read_member(files) is not None:
            known = read_manager(files)
            raise Failure(
                "This host belongs to a platform already"
                + (f": that of {known.address}." if known is not None else "."),
                "Leave it first, with `flexvdi-config manager leave`.",
            )
        document = read_current(files)
        authority = self._machine.enrolment.authority(manager.address, manager.port)
        _check_authority(manager, authority)
        key = joining_key(files)
        member = Member(
            self._machine.hardware.facts().identity,
            document.identity.hostname,
            time.time(),
            str(actor),
        )
        try:
            answer = self._ask(manager, authority.ca, member, key, secret, document, replace)
        except NoAnswer:
            raise  # the Manager may have said yes: the key stays, for the next attempt
        except Failure:
            files.put(JOINING_KEY_FILE, None)
            raise
        membership = Membership(
            address=manager.address,
            port=manager.port,
            agents_port=answer.agents_port,
            fingerprint=manager.fingerprint,
        )
        write_member(files, member, key, answer.certificate, answer.ca)
        try:
            self._have_documented(document.replacing(membership=membership), actor, "join")
        except Failure:
            token = files.read(TOKEN_FILE)
            forget_member(files)
            # The Manager has taken this host in by this key: the same token works again with it.
            files.put(JOINING_KEY_FILE, FileContent(key.reveal(), 0o600))
            files.put(TOKEN_FILE, token)
            raise
        status = self.status()
        assert status is not None
        return Joined(status, _missing_bridges(document, answer))

    def _ask(
        self,
        manager: ManagerAddress,
        ca: str,
        member: Member,
        key: Secret,
        secret: JoinSecret,
        document: HostDocument,
        replace: bool,
    ) -> EnrolmentAnswer:
        answer = self._machine.enrolment.enrol(
            manager,
            ca,
            EnrolmentRequest(
                protocol=AGENT_PROTOCOL,
                agent_version=self._version(),
                host_id=member.host_id,
                host_name=member.host_name,
                request=signing_request(key, member.host_id),
                token=secret.token,
                user=secret.user,
                password=secret.password,
                code=secret.code,
                replace=replace,
                bridges=_bridges(document),
            ),
        )
        check_credentials(key, answer.certificate, answer.ca, manager.fingerprint)
        return answer

    def set_address(self, address: str, port: int, actor: Actor) -> MembershipStatus:
        """Only where the platform's own CA answers; what is not so changes nothing."""
        document = read_current(self._machine.files)
        known = document.membership
        if known is None or self.status() is None:
            raise Failure(
                "This host belongs to no platform.", "Join one with `flexvdi-config manager join`."
            )
        try:
            wanted = ManagerAddress(address, port, known.fingerprint)
            _check_authority(wanted, self._machine.enrolment.authority(address, port))
            place = ManagerPlace(address=address, port=port, agents_port=known.agents_port)
            self._keep(document, known.at(place, *known.places), actor)
        except Failure as failure:
            words = f"Setting the Manager's address to {address} failed: {failure.cause}"
            record(actor, "manager-address", "failed", words, verb="manager set-address")
            raise
        words = f"The Manager is dialled at {address}."
        record(actor, "manager-address", "done", words, verb="manager set-address")
        status = self.status()
        assert status is not None
        return status

    def keep_places(self, membership: Membership, actor: Actor) -> bool:
        """As a change of the document, unless the host has left or joined another meanwhile."""
        document = read_current(self._machine.files)
        known = document.membership
        if known is None or known.fingerprint != membership.fingerprint or known == membership:
            return False
        self._keep(document, membership, actor)
        return True

    def _keep(self, document: HostDocument, membership: Membership, actor: Actor) -> None:
        self._have_documented(document.replacing(membership=membership), actor, "set-address")

    def leave(self, actor: Actor, reason: str = "") -> bool:
        """The Agent says farewell as it is stopped; whether it was heard or not, the host goes."""
        files = self._machine.files
        document = read_current(files)
        try:
            member = read_member(files)
            if member is None and document.membership is None:
                raise Failure("This host belongs to no platform.")
        except FileDamaged:
            member = None  # leaving is the way out of that
        told = False
        if member is not None:
            said = {"who": str(actor), "reason": reason}
            files.put(LEAVING_FILE, FileContent(json.dumps(said) + "\n", 0o600))
        self._have_documented(document.replacing(membership=None), actor, "leave")
        if member is not None:
            _until(lambda: not self._machine.services.is_running(AGENT_SERVICE), _FAREWELL)
            told = files.read(LEAVING_FILE) is None
        forget_member(files)
        end = "and its Manager knows." if told else "but its Manager could not be told."
        words = f"The host left its platform, {end}"
        record(actor, "leave", "done", words, verb="manager leave", reason=reason)
        return told

    def _have_documented(self, document: HostDocument, actor: Actor, verb: str) -> None:
        titles = {
            "join": "Join a platform",
            "leave": "Leave the platform",
            "set-address": "Keep where the Manager is",
        }
        apply_document(
            self._machine,
            self._jobs,
            document,
            actor,
            title=titles[verb],
            verb=f"manager {verb}",
        )

    def _report(self) -> dict[str, Any]:
        content = self._machine.files.read(REPORT_FILE)
        try:
            said = json.loads(content.text) if content is not None else {}
            return said if isinstance(said, dict) else {}
        except ValueError:
            return {}

    def _version(self) -> str:
        content = self._machine.files.read(str(RELEASE_PATH))
        try:
            return str(json.loads(content.text)["version"]) if content else "development"
        except (ValueError, KeyError, TypeError):
            return "development"


def _check_authority(manager: ManagerAddress, found: Authority) -> None:
    if found.fingerprint != manager.fingerprint:
        raise Failure(
            f"Another Manager answers at {manager.address}: its fingerprint is not the one given.",
            "Check the address. If the Manager was installed anew, take a new join string from it; "
            "if it was not, somebody may be between this host and the Manager.",
            where="fingerprint",
            details=f"expected {readable_fingerprint(manager.fingerprint)}\n"
            f"found    {readable_fingerprint(found.fingerprint)}",
        )
    if abs(found.clock_ahead) > _MOST_CLOCK_DIFFERENCE:
        direction = "ahead of" if found.clock_ahead > 0 else "behind"
        raise Failure(
            f"This host's clock is {_duration(abs(found.clock_ahead))} {direction} the Manager's.",
            "Set the clocks, best by time servers on both: see Time, or "
            "`flexvdi-config time status`.",
            where="clock",
        )


def _duration(seconds: float) -> str:
    if seconds < 2 * 3600:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.0f} hours" if seconds < 48 * 3600 else f"{seconds / 86400:.0f} days"


def _bridges(document: HostDocument) -> tuple[str, ...]:
    return tuple(one.name for one in document.network.interfaces if isinstance(one, Bridge))


def _missing_bridges(document: HostDocument, answer: EnrolmentAnswer) -> tuple[str, ...]:
    present = _bridges(document)
    return tuple(name for name in answer.bridges if name not in present)


def _until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether ``condition`` came true in time; a service that does not answer counts as no."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if condition():
                return True
        except Failure:
            return False
        time.sleep(0.1)
    return False
