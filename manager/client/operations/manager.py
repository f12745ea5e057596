"""The Manager itself: health, certificates, settings, backups, audit log."""

from __future__ import annotations

from manager.client.operation import PAGING, Column, Operation, Value

_RECORD = (
    Column("TIME", "time", "time"),
    Column("BY", "actor"),
    Column("FROM", "address"),
    Column("ACTION", "action"),
    Column("TARGET", "target"),
    Column("RESULT", "result"),
    Column("TEXT", "text"),
)
_FILTERS = (
    Value("actor", "actor", "only what this person did"),
    Value("action", "action", "only actions that begin so, as in host."),
    Value("target", "target", "only what was done to this"),
    Value("result", "result", "only these", choices=("done", "started", "refused", "failed")),
    Value("since", "since", "only from this time on (ISO 8601 with zone)"),
    Value("until", "until", "only before this time"),
)

OPERATIONS = (
    Operation("health", "GET", "/health", "tell whether the Manager works"),
    Operation("metrics", "GET", "/metrics", "print figures as Prometheus reads them"),
    Operation(
        "audit list",
        "GET",
        "/api/v1/audit",
        "list audit records, newest first",
        query=(*PAGING, *_FILTERS),
        columns=_RECORD,
    ),
    Operation(
        "audit export",
        "GET",
        "/api/v1/audit/export",
        "write all audit records that match as CSV",
        query=_FILTERS,
        downloads=True,
    ),
    Operation(
        "backup list",
        "GET",
        "/api/v1/backups",
        "list the backups that the Manager keeps",
        columns=(
            Column("NAME", "name"),
            Column("CREATED", "created", "time"),
            Column("SIZE", "size", "size"),
            Column("VERSION", "manager_version"),
            Column("ENCRYPTED", "encrypted", "yes"),
            Column("PROVEN", "proven", "yes"),
            Column("TRIED", "proof_ended", "time"),
        ),
    ),
    Operation("backup create", "POST", "/api/v1/backups", "make a backup now"),
    Operation(
        "backup verify",
        "POST",
        "/api/v1/backups/verify",
        "restore a backup into a scratch database, and say whether it would work",
        body=(Value("backup", "backup", "its name; without it, the newest"),),
    ),
    Operation(
        "backup fetch",
        "GET",
        "/api/v1/backups/{backup}",
        "fetch a backup, which holds every key of the platform",
        downloads=True,
    ),
    Operation(
        "backup remove",
        "DELETE",
        "/api/v1/backups/{backup}",
        "remove a backup",
        asks="Remove the backup {}?",
        done="The backup was removed.",
    ),
    Operation(
        "backup passphrase",
        "PUT",
        "/api/v1/backups/passphrase",
        "encrypt backups from now on; an empty passphrase ends that",
        body=(Value("passphrase", "passphrase", "the passphrase", "secret", True, nullable=True),),
        done="The passphrase is set.",
    ),
    Operation("certificate ca", "GET", "/api/v1/ca", "print the CA's certificate in PEM"),
    Operation(
        "certificate fingerprint",
        "GET",
        "/api/v1/ca/fingerprint",
        "print the CA's fingerprint, as a joining host is to see it",
    ),
    Operation("certificate show", "GET", "/api/v1/certificate", "show the certificates in use"),
    Operation(
        "certificate bring",
        "PUT",
        "/api/v1/certificate",
        "have browsers shown a certificate of another CA",
        body=(
            Value("certificate", "certificate", "it, up to its root, in PEM", "file", True),
            Value("key", "key", "its private key in PEM", "secret-file", True),
        ),
        done="The certificate is in use.",
    ),
    Operation(
        "certificate forget",
        "DELETE",
        "/api/v1/certificate",
        "use the Manager's own certificate again",
        asks="Use the Manager's own certificate again?",
        done="The Manager's own certificate is in use.",
    ),
    Operation(
        "certificate renew",
        "POST",
        "/api/v1/certificate/renew",
        "make the Manager's own certificate anew, as for another name",
        body=(Value("name", "names", "a further name or address", "list"),),
        done="The certificate is made and in use.",
    ),
    Operation("setting list", "GET", "/api/v1/settings", "show all settings"),
    Operation("setting show", "GET", "/api/v1/settings/{group}", "show a group of settings"),
    Operation(
        "setting change",
        "PATCH",
        "/api/v1/settings/{group}",
        "change settings of a group; what is not named stays",
        body=(Value("set", "", "NAME=VALUE, the value as in JSON or a plain text", "pairs", True),),
        done="The settings are in force.",
    ),
)
