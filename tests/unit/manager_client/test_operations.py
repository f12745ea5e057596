"""The table of operations holds together, and the parser says nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from foundation.completion import bash_completion
from foundation.verb_tree import tree_of
from manager.application import create_application
from manager.client.command_line import whole_parser
from manager.client.operation import Operation
from manager.client.operations import all_operations
from manager.services import open_services
from manager.settings import Settings
from manager.tasks.inline import InlineEngine

OPERATIONS = all_operations()
# Operations without a verb in the table, and why.
NO_VERB = {
    ("POST", "/api/v1/enrolment"): "for hosts: `flexvdi-config manager join`",
    ("POST", "/api/v1/session"): "`sign-in` keeps the session",
    ("DELETE", "/api/v1/session"): "`sign-out` forgets it",
    ("GET", "/api/v1/events/stream"): "`event follow` reads it",
}


@pytest.fixture(scope="module")
def openapi(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    state = Path(tmp_path_factory.mktemp("manager"))
    services = open_services(Settings(state=state), InlineEngine())
    found: dict[str, Any] = create_application(services, background=False).openapi()
    services.database.close()
    return found


def test_no_verb_and_no_operation_is_there_twice() -> None:
    assert len({each.verb for each in OPERATIONS}) == len(OPERATIONS)
    assert len({(each.method, each.path) for each in OPERATIONS}) == len(OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.verb)
def test_a_secret_is_never_an_argument(operation: Operation) -> None:
    for value in (*operation.query, *operation.body):
        if any(word in value.key for word in ("password", "secret", "passphrase", "code")):
            assert value.kind in ("secret", "yes"), f"--{value.name} shows a secret to everybody"


def test_the_completion_knows_every_verb() -> None:
    script = bash_completion(tree_of(whole_parser()), "flexvdi-managerctl")
    for operation in OPERATIONS:
        assert f"['flexvdi-managerctl {operation.verb}']" in script
    assert "complete -o bashdefault -F _flexvdi_managerctl flexvdi-managerctl" in script


def test_every_operation_of_the_api_has_its_verb(openapi: dict[str, Any]) -> None:
    known = {(each.method, each.path) for each in OPERATIONS} | set(NO_VERB)
    there = {
        (method.upper(), path) for path, methods in openapi["paths"].items() for method in methods
    }
    assert there - known == set(), "these lack a verb in manager/client/operations"
    assert known - there == set(), "these verbs are for nothing that the API has"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.verb)
def test_a_verb_can_say_all_that_its_operation_takes(
    operation: Operation, openapi: dict[str, Any]
) -> None:
    there = openapi["paths"][operation.path][operation.method.lower()]
    queries = {each["name"]: each for each in there.get("parameters", ()) if each["in"] == "query"}
    assert {value.key for value in operation.query} == set(queries)
    body = _schema_of(there, openapi)
    if "" in {value.key for value in operation.body}:
        return
    fields = body.get("properties", {})
    assert {value.key for value in operation.body} | set(operation.fixed) == set(fields)
    required = set(body.get("required", ()))
    must = {value.key for value in operation.body if value.required} | set(operation.fixed)
    assert must >= required, f"{required - must} must be given"


def _schema_of(operation: dict[str, Any], openapi: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    schema: dict[str, Any] = content.get("application/json", {}).get("schema", {})
    reference = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = openapi["components"]["schemas"].get(reference, schema)
    return found
