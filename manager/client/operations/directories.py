"""LDAP and Active Directory."""

from __future__ import annotations

from manager.client.operation import Column, Operation, Value

_DIRECTORIES = (
    Column("ID", "id"),
    Column("NAME", "settings.name"),
    Column("KIND", "settings.kind"),
    Column("SERVERS", "settings.servers", "list"),
    Column("ENABLED", "settings.enabled", "yes"),
)
_CHECKS = (
    Column("STATE", "state"),
    Column("CHECK", "title"),
    Column("SERVER", "where"),
    Column("FOUND", "value"),
)
_SETTINGS = Value("settings", "settings", "file with the settings in JSON", "json", required=True)
_PASSWORD = Value(
    "bind-password", "bind_password", "file with the password of the account", "secret"
)
_SAMPLE = (
    Value("sample-user", "sample_user", "somebody to look for, as they sign in"),
    Value("sample-password", "sample_password", "file with their password, tried once", "secret"),
)

OPERATIONS = (
    Operation(
        "directory list",
        "GET",
        "/api/v1/directories",
        "list directories, in the order in which they are asked",
        columns=_DIRECTORIES,
    ),
    Operation(
        "directory kinds",
        "GET",
        "/api/v1/directories/kinds",
        "list the kinds of directories, and what is assumed of each",
        columns=(
            Column("KIND", "kind"),
            Column("TITLE", "title"),
            Column("NAME IN", "user_attribute"),
            Column("GROUPS BY", "group_method"),
        ),
    ),
    Operation("directory show", "GET", "/api/v1/directories/{directory}", "show a directory"),
    Operation(
        "directory create",
        "POST",
        "/api/v1/directories",
        "add a directory, asked after all others",
        body=(
            _SETTINGS,
            Value(
                "bind-password",
                "bind_password",
                "file with the password of the account",
                "secret",
                required=True,
                ask="the password of the Manager's account in the directory",
            ),
        ),
    ),
    Operation(
        "directory change",
        "PUT",
        "/api/v1/directories/{directory}",
        "replace the settings of a directory",
        body=(
            _SETTINGS,
            _PASSWORD,
            Value("version", "version", "version that was read", "number", required=True),
        ),
    ),
    Operation(
        "directory remove",
        "DELETE",
        "/api/v1/directories/{directory}",
        "remove a directory",
        asks="Remove the directory {} and sign its people out?",
        done="The directory is removed.",
    ),
    Operation(
        "directory order",
        "PUT",
        "/api/v1/directories/order",
        "ask the directories in this order",
        body=(
            Value("id", "order", "a directory; all of them, in their order", "list", required=True),
        ),
        columns=_DIRECTORIES,
    ),
    Operation(
        "directory try",
        "POST",
        "/api/v1/directories/test",
        "test settings without keeping them",
        body=(
            _SETTINGS,
            _PASSWORD,
            Value("directory", "directory", "the one whose stored password to use"),
            *_SAMPLE,
        ),
        columns=_CHECKS,
        items="checks",
    ),
    Operation(
        "directory test",
        "POST",
        "/api/v1/directories/{directory}/test",
        "test a directory",
        body=_SAMPLE,
        columns=_CHECKS,
        items="checks",
    ),
    Operation(
        "directory groups",
        "GET",
        "/api/v1/directories/{directory}/groups",
        "list groups, to choose from",
        query=(Value("text", "text", "part of a name"),),
        columns=(Column("NAME", "name"), Column("DN", "dn")),
    ),
)
