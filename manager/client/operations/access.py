"""Who may do what: the first start, accounts, administrators, sessions, API tokens."""

from __future__ import annotations

from manager.client.operation import PAGING, Column, Operation, Value

_ROLES = ("admin", "operator", "auditor", "read-only")
_ADMINISTRATOR = (
    Column("ID", "id"),
    Column("NAME", "name"),
    Column("FULL NAME", "full_name"),
    Column("ROLE", "role"),
    Column("DISABLED", "disabled", "yes"),
    Column("2ND FACTOR", "second_factor", "yes"),
    Column("LAST SIGN-IN", "last_sign_in", "time"),
)
_SESSION = (
    Column("ID", "id"),
    Column("NAME", "name"),
    Column("SOURCE", "source"),
    Column("ADDRESS", "address"),
    Column("SINCE", "created", "time"),
    Column("LAST SEEN", "last_seen", "time"),
    Column("THIS ONE", "current", "yes"),
)
_FACTOR = (
    Column("ID", "id"),
    Column("NAME", "name"),
    Column("SOURCE", "source"),
    Column("SINCE", "since", "time"),
    Column("CODES LEFT", "recovery_codes_left"),
)
_TOKEN = (
    Column("ID", "id"),
    Column("NAME", "name"),
    Column("ROLE", "role"),
    Column("BY", "created_by"),
    Column("EXPIRES", "expires", "time"),
    Column("LAST USED", "last_used", "time"),
)


def _secret(name: str, key: str, help: str) -> Value:
    return Value(name, key, help, "secret", required=True)


OPERATIONS = (
    Operation(
        "set-up",
        "POST",
        "/api/v1/setup",
        "create the first administrator of a new Manager",
        body=(
            _secret("secret", "secret", "the setup secret"),
            Value("name", "name", "the administrator's name", required=True),
            Value("full-name", "full_name", "the full name"),
            _secret("password", "password", "the administrator's password"),
        ),
        done="The first administrator was created; sign in now.",
    ),
    Operation("whoami", "GET", "/api/v1/session", "tell who is signed in", hides=("csrf",)),
    Operation("account show", "GET", "/api/v1/account", "show the own account"),
    Operation(
        "account password",
        "POST",
        "/api/v1/account/password",
        "change the own password; all other sessions end",
        body=(
            _secret("current", "current", "the password that is"),
            _secret("new", "new", "the password to be"),
        ),
        done="The password is changed.",
    ),
    Operation(
        "account second-factor",
        "GET",
        "/api/v1/account/second-factor",
        "tell how it is with the own second factor, and whether one is required",
    ),
    Operation(
        "account begin-second-factor",
        "POST",
        "/api/v1/account/second-factor",
        "get the secret for an authenticator; it counts once a code was confirmed",
        body=(_secret("password", "password", "the current password"),),
        hides=("qr_svg",),
    ),
    Operation(
        "account confirm-second-factor",
        "POST",
        "/api/v1/account/second-factor/confirm",
        "turn the second factor on, and get the recovery codes",
        body=(_secret("code", "code", "the code that the authenticator shows"),),
    ),
    Operation(
        "account remove-second-factor",
        "POST",
        "/api/v1/account/second-factor/remove",
        "turn the second factor off",
        body=(_secret("password", "password", "the current password"),),
        done="The second factor is off.",
    ),
    Operation(
        "administrator list",
        "GET",
        "/api/v1/administrators",
        "list administrators by name",
        query=PAGING,
        columns=_ADMINISTRATOR,
    ),
    Operation(
        "administrator show",
        "GET",
        "/api/v1/administrators/{administrator}",
        "show an administrator",
    ),
    Operation(
        "administrator create",
        "POST",
        "/api/v1/administrators",
        "create an administrator",
        body=(
            Value("name", "name", "the name to sign in with", required=True),
            Value("full-name", "full_name", "the full name"),
            Value("role", "role", "what they may", required=True, choices=_ROLES),
            _secret("password", "password", "the first password"),
            Value(
                "must-change-password",
                "must_change_password",
                "have them choose another at first (as usual)",
                "yes",
            ),
        ),
    ),
    Operation(
        "administrator change",
        "PATCH",
        "/api/v1/administrators/{administrator}",
        "change name or role, disable or enable",
        body=(
            Value("full-name", "full_name", "the full name"),
            Value("role", "role", "what they may", choices=_ROLES),
            Value("disabled", "disabled", "whether they may not sign in", "yes"),
        ),
        done="Changed.",
    ),
    Operation(
        "administrator remove",
        "DELETE",
        "/api/v1/administrators/{administrator}",
        "remove an administrator with sessions and tokens",
        asks="Remove the administrator {}?",
        done="The administrator was removed.",
    ),
    Operation(
        "administrator password",
        "POST",
        "/api/v1/administrators/{administrator}/password",
        "set somebody's password, which must be changed at the next sign-in",
        body=(_secret("password", "password", "the new password"),),
        done="The password is set.",
    ),
    Operation(
        "administrator remove-second-factor",
        "POST",
        "/api/v1/administrators/{administrator}/second-factor/remove",
        "take the second factor off somebody who lost it",
        asks="Take the second factor off {}?",
        done="The second factor was removed.",
    ),
    Operation(
        "second-factor list",
        "GET",
        "/api/v1/second-factors",
        "list second factors of people of directories",
        query=PAGING,
        columns=_FACTOR,
    ),
    Operation(
        "second-factor remove",
        "DELETE",
        "/api/v1/second-factors/{factor}",
        "take the second factor off a person of a directory who lost it",
        asks="Remove the second factor {}?",
        done="The second factor was removed, and its owner signed out.",
    ),
    Operation(
        "session list",
        "GET",
        "/api/v1/sessions",
        "list sessions: the own ones, or all for an administrator",
        query=PAGING,
        columns=_SESSION,
    ),
    Operation(
        "session end",
        "DELETE",
        "/api/v1/sessions/{session}",
        "end a session",
        done="The session has ended.",
    ),
    Operation(
        "token list",
        "GET",
        "/api/v1/tokens",
        "list API tokens: the own ones, or all for an administrator",
        query=PAGING,
        columns=_TOKEN,
    ),
    Operation(
        "token create",
        "POST",
        "/api/v1/tokens",
        "make an API token; it is shown only now",
        body=(
            Value("name", "name", "what it is for", required=True),
            Value("role", "role", "what it may", required=True, choices=_ROLES),
            Value("days", "days", "days until it expires", "number"),
        ),
    ),
    Operation(
        "token revoke",
        "DELETE",
        "/api/v1/tokens/{token}",
        "end an API token at once",
        done="The token works no more.",
    ),
)
