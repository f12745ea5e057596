"""The first start: who holds the setup secret creates the first administrator, once."""

from __future__ import annotations

import hmac

from sqlalchemy import select, text

from foundation.atomic_file import write_atomically
from foundation.secret import Secret
from manager.access.administrators import (
    Administrator,
    add_administrator,
    check_name,
    is_set_up,
    new_hash,
    shown,
)
from manager.access.attempts import attempt_succeeded, begin_attempt
from manager.access.passwords import check_hash
from manager.access.principal import Principal, unknown
from manager.access.role import Role
from manager.access.tables import AdministratorRow
from manager.access.tokens import new_token
from manager.audit.recording import Result, record
from manager.problems import Conflict, Forbidden
from manager.services import Services

_FILE = "setup-secret"
_ATTEMPTS = "(setup)"


def ensure_setup_secret(services: Services, secret: Secret | None = None) -> Secret | None:
    """The secret that lets the first administrator be created; None once one exists.

    It is kept in the state folder (mode 0600) until then; ``secret`` sets it, as from a seed.
    """
    path = services.settings.state / _FILE
    if is_set_up(services):
        path.unlink(missing_ok=True)
        return None
    if secret is not None or not path.exists():
        write_atomically(path, (secret or new_token()).reveal() + "\n", 0o600)
    return Secret(path.read_text().strip())


def set_up(
    services: Services,
    secret: Secret,
    name: str,
    full_name: str,
    password: Secret,
    address: str,
) -> Administrator:
    """Create the first administrator.

    Raises Conflict when there is one already, Forbidden for a wrong secret, TooMany, Invalid for
    name or password.
    """
    expected = ensure_setup_secret(services)
    if expected is None:
        raise _done()
    begin_attempt(services, _ATTEMPTS, address)
    if not hmac.compare_digest(secret.reveal().strip().encode(), expected.reveal().encode()):
        with services.database.writing() as session:
            record(
                session,
                unknown(name, address),
                "setup",
                result=Result.REFUSED,
                text="wrong setup secret",
                clock=services.clock,
            )
        raise Forbidden(
            "The setup secret is not right.",
            "It is what `flexvdi-manager serve` printed, or what the deployment was given.",
            where="secret",
        )
    name = check_name(name)
    hashed = new_hash(services, name, password)
    return _create_first(services, name, full_name, hashed, address)


def set_up_with_hash(services: Services, name: str, full_name: str, hashed: Secret) -> None:
    """Create the first administrator from an argon2id hash, unattended; nothing if there is one.

    Raises Failure for a hash that cannot be verified here, Invalid for the name.
    """
    if is_set_up(services):
        return
    _create_first(services, check_name(name), full_name, check_hash(hashed.reveal()), "")


def _create_first(
    services: Services, name: str, full_name: str, hashed: str, address: str
) -> Administrator:
    setup = Principal("setup", Role.ADMIN, "setup", address)
    with services.database.writing() as session:
        if not services.database.on_sqlite:  # there one writer at a time is given anyway
            session.execute(text("LOCK TABLE administrators IN EXCLUSIVE MODE"))
        if session.scalar(select(AdministratorRow.id).limit(1)) is not None:
            raise _done()
        row = add_administrator(
            services, session, name, full_name, Role.ADMIN, hashed, setup, must_change=False
        )
        attempt_succeeded(session, _ATTEMPTS, address)
    ensure_setup_secret(services)  # which removes it
    return shown(row)


def _done() -> Conflict:
    return Conflict(
        "This Manager has been set up already.",
        "Sign in. If nobody can any more: `flexvdi-manager reset-administrator` on its console.",
    )
