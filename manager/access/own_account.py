"""What administrators do with their own account: password and second factor."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.secret import Secret
from manager.access.administrators import new_hash, the_row
from manager.access.attempts import attempt_succeeded, begin_attempt
from manager.access.passwords import password_matches
from manager.access.principal import Principal
from manager.access.second_factors import (
    holder_of,
    is_of_directory,
    is_required,
    new_holder,
)
from manager.access.sessions import end_sessions_of, end_sessions_of_person
from manager.access.sources import is_password_of
from manager.access.tables import AdministratorRow, SecondFactorRow
from manager.access.totp import (
    accepted_step,
    new_recovery_codes,
    new_secret,
    provisioning_uri,
    purpose,
    qr_code,
    recovery_hash,
)
from manager.audit.recording import record
from manager.problems import Conflict, Invalid
from manager.services import Services


@dataclass(frozen=True)
class Offer:
    """A second factor that waits for its first code: what to show, once."""

    secret: Secret
    uri: Secret
    qr_svg: Secret


def account_of(principal: Principal) -> str:
    """The identifier of the principal's own account; raises Conflict for people of a directory."""
    if not principal.account or principal.source != "local":
        raise Conflict(
            "Only administrators of the Manager's own, signed in by password, have this.",
            "People of a directory change it in the directory.",
        )
    return principal.account


def change_password(services: Services, principal: Principal, current: Secret, new: Secret) -> None:
    """Change the own password; all other sessions end. Raises Invalid."""
    account = account_of(principal)
    _check_password(services, principal, current)
    if current == new:
        raise Invalid("The new password is the old one.", "Choose another.", where="new")
    hashed = new_hash(services, principal.name, new)
    with services.database.writing() as session:
        row = the_row(session, account)
        row.password_hash, row.password_changed = hashed, services.clock()
        row.must_change_password = False
        end_sessions_of(session, account, but=principal.session)
        record(session, principal, "account.change-password", clock=services.clock)


def offer_second_factor(services: Services, principal: Principal, password: Secret) -> Offer:
    """Begin with a second factor; it counts once a first code was confirmed. Raises Invalid."""
    _check_person(principal)
    _check_password(services, principal, password)
    secret = new_secret()
    with services.database.writing() as session:
        row = holder_of(session, principal, held=True) or new_holder(session, principal)
        if row.totp_secret is not None:
            raise Conflict("There is a second factor already.", "Turn that one off first.")
        row.totp_pending = services.secret_box.seal(secret, purpose(row))
    uri = provisioning_uri(secret, principal.name)
    return Offer(secret, uri, qr_code(uri))


def confirm_second_factor(services: Services, principal: Principal, code: Secret) -> list[Secret]:
    """Let the offered second factor count; the recovery codes, shown this once.

    Raises Conflict where none was offered, Invalid for a wrong code.
    """
    _check_person(principal)
    codes = new_recovery_codes()
    with services.database.writing() as session:
        row = holder_of(session, principal, held=True)
        if row is None or row.totp_pending is None:
            raise Conflict("No second factor was begun.", "Begin with it first.")
        secret = services.secret_box.open(row.totp_pending, purpose(row))
        step = accepted_step(secret, code.reveal(), services.clock(), 0)
        if step is None:
            raise Invalid(
                "This code is not right.",
                "Enter the six digits that the authenticator shows now; its clock and the "
                "Manager's must agree.",
                where="code",
            )
        row.totp_secret, row.totp_pending, row.totp_last_step = row.totp_pending, None, step
        row.recovery_codes = [recovery_hash(each.reveal()) for each in codes]
        if isinstance(row, SecondFactorRow):
            row.since = services.clock()
            end_sessions_of_person(session, principal)
        else:
            end_sessions_of(session, row.id, but=principal.session)
        record(session, principal, "account.enable-second-factor", clock=services.clock)
    return codes


def drop_second_factor(services: Services, principal: Principal, password: Secret) -> None:
    """Do without the second factor again; raises Invalid for a wrong password.

    Raises Conflict where the settings want one: then it is replaced with an administrator's help.
    """
    _check_person(principal)
    if is_required(services, principal):
        raise Conflict(
            "You must have a second factor.",
            "If you want to replace it, ask an administrator to remove it; you set up another one "
            "at the next sign-in.",
        )
    _check_password(services, principal, password)
    with services.database.writing() as session:
        row = holder_of(session, principal, held=True)
        if row is not None:
            row.totp_secret = row.totp_pending = None
            row.recovery_codes = []
        record(session, principal, "account.disable-second-factor", clock=services.clock)


def _check_person(principal: Principal) -> None:
    """Raise Conflict unless the principal is a person who is known well enough to have one."""
    if not is_of_directory(principal):
        account_of(principal)
    elif not principal.person:
        raise Conflict(
            "This session began before second factors were known.", "Sign out, and sign in again."
        )


def _check_password(services: Services, principal: Principal, password: Secret) -> None:
    """Whoever found an open browser does not get further; guessing is limited as at the door."""
    name = principal.name.lower()
    begin_attempt(services, name, principal.address)
    if is_of_directory(principal):
        right = is_password_of(services, principal, password)
    else:
        with services.database.reading() as session:
            row = session.get(AdministratorRow, principal.account)
        right = row is not None and password_matches(row.password_hash, password)
    if not right:
        raise Invalid("The current password is not right.", "Enter it again.", where="password")
    with services.database.writing() as session:
        attempt_succeeded(session, name, principal.address)
