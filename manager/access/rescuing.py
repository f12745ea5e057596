"""When nobody can sign in any more: what the console of the Manager may do."""

from __future__ import annotations

from sqlalchemy import delete, select

from foundation.secret import Secret
from manager.access.administrators import add_administrator, check_name, new_hash
from manager.access.principal import Principal
from manager.access.role import Role
from manager.access.sessions import end_sessions_of
from manager.access.tables import AdministratorRow, AttemptRow
from manager.audit.recording import record
from manager.services import Services

_CONSOLE = Principal("console", Role.ADMIN, "console")


def reset_administrator(services: Services, name: str, password: Secret) -> bool:
    """Let ``name`` in again as admin: new password, no second factor, enabled, nothing to wait for.

    Returns whether it was created. Raises Invalid for a name or password that cannot be.
    """
    name = check_name(name)
    hashed = new_hash(services, name, password)
    with services.database.writing() as session:
        session.execute(delete(AttemptRow))
        row = session.scalar(select(AdministratorRow).where(AdministratorRow.name == name))
        if row is None:
            add_administrator(
                services, session, name, "", Role.ADMIN, hashed, _CONSOLE, must_change=False
            )
            return True
        row.password_hash, row.password_changed = hashed, services.clock()
        row.role, row.disabled, row.must_change_password = Role.ADMIN.value, False, False
        row.totp_secret = row.totp_pending = None
        row.recovery_codes = []
        end_sessions_of(session, row.id)
        record(
            session,
            _CONSOLE,
            "administrator.rescue",
            target=f"administrator:{name}",
            clock=services.clock,
        )
        services.events.publish(
            session,
            "administrator.rescued",
            f"The administrator {name} was reset on the Manager's console.",
            subject=f"administrator:{row.id}",
        )
    return False
