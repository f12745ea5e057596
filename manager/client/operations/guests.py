"""Guests, on all hosts."""

from __future__ import annotations

from manager.client.operation import PAGING, Column, Operation, Value

_STATES = (
    "running",
    "idle",
    "paused",
    "stopping",
    "off",
    "crashed",
    "suspended",
    "unknown",
)

OPERATIONS = (
    Operation(
        "guest list",
        "GET",
        "/api/v1/guests",
        "list guests by name",
        query=(
            *PAGING,
            Value("host", "host", "only those of this host (its ID)"),
            Value("state", "state", "only those in this state", choices=_STATES),
            Value("name", "name", "only those with this in their name"),
        ),
        columns=(
            Column("NAME", "name"),
            Column("STATE", "state"),
            Column("CPUS", "vcpus"),
            Column("MEMORY", "memory", "size"),
            Column("HOST", "host"),
            Column("ID", "id"),
        ),
    ),
    Operation("guest count", "GET", "/api/v1/guests/count", "count guests by state"),
)
