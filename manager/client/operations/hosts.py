"""Hosts, and tokens that let one join."""

from __future__ import annotations

from manager.client.operation import PAGING, Column, Operation, Value

_HOST = (
    Column("ID", "id"),
    Column("NAME", "name"),
    Column("STATE", "state"),
    Column("CPU", "load.cpu", "share"),
    Column("MEMORY", "load.memory", "size"),
    Column("OF", "memory", "size"),
    Column("GUESTS", "guests_running"),
    Column("ADDRESS", "address"),
    Column("REASON", "reason"),
)
_SAMPLE = (
    Column("TIME", "at", "time"),
    Column("CPU", "load.cpu", "share"),
    Column("MEMORY", "load.memory", "size"),
    Column("RECEIVED/S", "load.received", "size"),
    Column("SENT/S", "load.sent", "size"),
    Column("READ/S", "load.read", "size"),
    Column("WRITTEN/S", "load.written", "size"),
)
_TOKEN = (
    Column("ID", "id"),
    Column("NOTE", "note"),
    Column("CREATED BY", "created_by"),
    Column("EXPIRES", "expires", "time"),
    Column("USED", "used", "time"),
    Column("REVOKED", "revoked", "time"),
)
_STATES = ("running", "maintenance", "joining", "unknown", "unavailable", "incompatible")
_REASON = Value("reason", "reason", "why, for those who wonder later", required=True)

OPERATIONS = (
    Operation(
        "host list",
        "GET",
        "/api/v1/hosts",
        "list hosts with their states",
        query=(*PAGING, Value("state", "state", "only those in this state", choices=_STATES)),
        columns=_HOST,
    ),
    Operation("host show", "GET", "/api/v1/hosts/{host}", "show all that is known of a host"),
    Operation(
        "host edit",
        "PATCH",
        "/api/v1/hosts/{host}",
        "rename or describe a host",
        body=(
            Value("name", "name", "its name in the platform; its own stays as it is"),
            Value("description", "description", "words for people"),
            Value("version", "version", "refuse if it was changed since this version", "number"),
        ),
        done="Changed.",
    ),
    Operation(
        "host remove",
        "DELETE",
        "/api/v1/hosts/{host}",
        "remove a host from the platform; its guests go on",
        query=(Value("force", "force", "also when it is not connected", "yes"),),
        asks="Remove the host {} and revoke its certificate?",
        done="The host was removed.",
    ),
    Operation(
        "host statistics",
        "GET",
        "/api/v1/hosts/{host}/statistics",
        "tell how busy a host was in the last hour",
        query=(Value("since", "since", "only after this time (seconds since 1970)"),),
        columns=_SAMPLE,
        items="samples",
    ),
    Operation(
        "host maintenance",
        "POST",
        "/api/v1/hosts/{host}/maintenance",
        "have a host start no guests by itself",
        body=(_REASON,),
        done="The host is in maintenance.",
    ),
    Operation(
        "host service",
        "DELETE",
        "/api/v1/hosts/{host}/maintenance",
        "put a host back into service",
        done="The host is in service.",
    ),
    Operation(
        "host power",
        "POST",
        "/api/v1/hosts/{host}/power",
        "reboot a host in maintenance, or power it off",
        body=(
            Value("action", "action", "what to do", required=True, choices=("reboot", "off")),
            _REASON,
            Value("with-guests", "with_guests", "even if guests run on it", "yes"),
        ),
        asks="Do that to the host {}?",
        done="The host was told.",
    ),
    Operation(
        "host bridge",
        "POST",
        "/api/v1/hosts/{host}/bridges",
        "make a bridge on a host",
        body=(
            Value("name", "name", "the bridge's name", required=True),
            Value("port", "port", "the interface it is on; none: only guests among themselves"),
        ),
        done="The bridge was made.",
    ),
    Operation(
        "host diagnose",
        "POST",
        "/api/v1/hosts/{host}/diagnosis",
        "have a host look at itself",
    ),
    Operation(
        "host renew-certificate",
        "POST",
        "/api/v1/hosts/{host}/certificate",
        "have a host fetch a new certificate now",
        done="The host was asked to.",
    ),
    Operation(
        "join-token list",
        "GET",
        "/api/v1/join-tokens",
        "list join tokens, newest first",
        query=PAGING,
        columns=_TOKEN,
    ),
    Operation(
        "join-token create",
        "POST",
        "/api/v1/join-tokens",
        "make a join string for one host; it is shown only now",
        body=(
            Value("note", "note", "words to tell tokens apart"),
            Value("minutes", "minutes", "how long it can be used", "number"),
            Value("address", "address", "where the host reaches the Manager"),
        ),
    ),
    Operation(
        "join-token revoke",
        "DELETE",
        "/api/v1/join-tokens/{token}",
        "make a join token useless",
        done="The token was revoked.",
    ),
)
