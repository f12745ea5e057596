"""Tasks and events."""

from __future__ import annotations

from manager.client.operation import PAGING, Column, Operation, Value

_TASK = (
    Column("ID", "id"),
    Column("STATE", "state"),
    Column("%", "percent"),
    Column("CREATED", "created", "time"),
    Column("BY", "created_by"),
    Column("TITLE", "title"),
    Column("ERROR", "error.cause"),
)
_EVENT = (
    Column("TIME", "time", "time"),
    Column("SEVERITY", "severity"),
    Column("KIND", "kind"),
    Column("SUBJECT", "subject"),
    Column("TEXT", "text"),
)
_STATES = ("queued", "running", "done", "failed", "cancelled")

OPERATIONS = (
    Operation(
        "task list",
        "GET",
        "/api/v1/tasks",
        "list tasks, newest first",
        query=(
            *PAGING,
            Value("state", "state", "only those in this state", choices=_STATES),
            Value("kind", "kind", "only those of this kind"),
            Value("subject", "subject", "only those about this, as in host:ID"),
        ),
        columns=_TASK,
    ),
    Operation("task show", "GET", "/api/v1/tasks/{task}", "show a task"),
    Operation(
        "task cancel",
        "POST",
        "/api/v1/tasks/{task}/cancel",
        "ask a task to end at its next step",
        done="The task was asked to end.",
    ),
    Operation(
        "event list",
        "GET",
        "/api/v1/events",
        "list events, newest first",
        query=(
            *PAGING,
            Value("kind", "kind", "only kinds that begin so"),
            Value("subject", "subject", "only those about this, as in host:ID"),
            Value(
                "severity",
                "severity",
                "only these",
                choices=("info", "warning", "error"),
            ),
        ),
        columns=_EVENT,
    ),
)
