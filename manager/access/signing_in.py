"""Signing in: the limits, the password, the second factor, the session; every attempt audited."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from foundation.secret import Secret
from manager.access.attempts import attempt_succeeded, attempt_taken_back, begin_attempt
from manager.access.passwords import hash_password, is_outdated, password_matches
from manager.access.principal import Principal, unknown
from manager.access.role import Role
from manager.access.second_factors import holder_of
from manager.access.sessions import Opened, end_session, open_session
from manager.access.sources import ask_sources
from manager.access.tables import AdministratorRow
from manager.access.totp import spend_code
from manager.audit.recording import Result, record
from manager.problems import NotSignedIn, Unavailable
from manager.services import Services


@dataclass(frozen=True)
class Credentials:
    """What somebody gives to sign in; ``code`` of the second factor may be missing."""

    name: str
    password: Secret
    code: Secret | None = None


def sign_in(services: Services, credentials: Credentials, address: str, user_agent: str) -> Opened:
    """Sign in with a new session.

    Raises TooMany (wait), NotSignedIn (name, password or code are wrong, with one text for all;
    ``where`` is ``code`` when only the second factor's code is missing or wrong).
    """
    principal = verify(services, credentials, address)
    with services.database.writing() as session:
        opened = open_session(services, session, principal, user_agent)
        record(session, opened.principal, "session.sign-in", clock=services.clock)
    return opened


def verify(services: Services, credentials: Credentials, address: str) -> Principal:
    """Who ``credentials`` are of; raises as :func:`sign_in`. For things without a session."""
    name = credentials.name.strip().lower()
    begin_attempt(services, name, address)
    row = _administrator(services, name)
    if row is not None:
        principal = _verify_ours(services, row, credentials, address)
    else:
        principal = _verify_elsewhere(services, credentials, address)
    with services.database.writing() as session:
        attempt_succeeded(session, name, address)
    return principal


def sign_out(services: Services, principal: Principal) -> None:
    """End the session of ``principal``."""
    with services.database.writing() as session:
        end_session(session, principal.session)
        record(session, principal, "session.sign-out", clock=services.clock)


def _administrator(services: Services, name: str) -> AdministratorRow | None:
    with services.database.reading() as session:
        return session.scalar(select(AdministratorRow).where(AdministratorRow.name == name))


def _verify_ours(
    services: Services, row: AdministratorRow, credentials: Credentials, address: str
) -> Principal:
    if not password_matches(row.password_hash, credentials.password):
        raise _refused(services, credentials.name, address, "wrong password")
    if row.disabled:
        raise _refused(services, credentials.name, address, "the account is disabled")
    if row.totp_secret is not None and not credentials.code:
        raise _code_needed(services, row.name, address)
    with services.database.writing() as session:
        fresh = session.get(AdministratorRow, row.id, with_for_update=True)
        right = fresh is not None and (
            fresh.totp_secret is None
            or spend_code(
                services.secret_box,
                fresh,
                credentials.code.reveal() if credentials.code else "",
                services.clock(),
            )
        )
        if right and fresh is not None:
            fresh.last_sign_in = services.clock()
            if is_outdated(fresh.password_hash):
                fresh.password_hash = hash_password(credentials.password)
    if not right:
        raise _refused(services, credentials.name, address, "wrong one-time code", where="code")
    return Principal(row.name, Role(row.role), "local", address, account=row.id)


def _verify_elsewhere(services: Services, credentials: Credentials, address: str) -> Principal:
    try:
        answer = ask_sources(services, credentials.name.strip(), credentials.password, address)
    except Unavailable as outage:
        # Nobody looked at the password: this was no guess.
        with services.database.writing() as session:
            attempt_taken_back(session, credentials.name.strip().lower(), address)
        _record_refusal(services, credentials.name, address, outage.cause)
        raise
    if isinstance(answer, Principal):
        _check_code(services, answer, credentials, address)
        return answer
    password_matches(None, credentials.password)  # as long as for names that exist
    if answer is None:
        raise _refused(services, credentials.name, address, "unknown name")
    failure = _refused(services, credentials.name, address, answer.reason)
    raise NotSignedIn(answer.said, answer.remedy) if answer.said else failure


def _check_code(
    services: Services, principal: Principal, credentials: Credentials, address: str
) -> None:
    """Raise NotSignedIn where somebody of a directory has a second factor and does not show it."""
    with services.database.reading() as session:
        holder = holder_of(session, principal)
        if holder is None or holder.totp_secret is None:
            return
    if not credentials.code:
        raise _code_needed(services, credentials.name.strip().lower(), address)
    with services.database.writing() as session:
        held = holder_of(session, principal, held=True)
        code = credentials.code.reveal()
        right = held is None or spend_code(services.secret_box, held, code, services.clock())
    if not right:
        raise _refused(services, credentials.name, address, "wrong one-time code", where="code")


def _code_needed(services: Services, name: str, address: str) -> NotSignedIn:
    """No failure yet: the password was right, the next request brings the code."""
    with services.database.writing() as session:
        attempt_taken_back(session, name, address)
    return NotSignedIn(
        "The one-time code of the second factor is needed.",
        "Enter the six digits that the authenticator shows, or a recovery code.",
        where="code",
    )


def _refused(
    services: Services, name: str, address: str, reason: str, *, where: str = ""
) -> NotSignedIn:
    """The failure to raise, once it is in the audit log with its real reason."""
    _record_refusal(services, name, address, reason)
    if where == "code":
        return NotSignedIn(
            "The one-time code is not right.", "Wait for the next one and enter it.", where=where
        )
    return NotSignedIn(
        "Name or password are not right.",
        "Try again; capitals count in the password. An administrator can reset it.",
    )


def _record_refusal(services: Services, name: str, address: str, reason: str) -> None:
    with services.database.writing() as session:
        record(
            session,
            unknown(name, address),
            "session.sign-in",
            result=Result.REFUSED,
            text=reason,
            clock=services.clock,
        )
