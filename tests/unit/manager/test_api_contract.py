"""The API's description holds together, and what core offers stays as programs know it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

# What programs of customers may stand on: method, path and the name of the operation, of all areas.
# A line that is missing here was broken for them; new ones are added with the feature.
GOLDEN = Path(__file__).with_name("api-operations.txt")


@pytest.fixture
def described(client: TestClient) -> dict[str, Any]:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def operations(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method.upper(), path, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if path.startswith(("/api/", "/health", "/metrics"))
    ]


def test_what_programs_stand_on_is_still_there(described: dict[str, Any]) -> None:
    found = sorted(
        f"{method} {path} {operation['operationId']}"
        for method, path, operation in operations(described)
    )
    assert found == GOLDEN.read_text().splitlines()


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(
    described: dict[str, Any],
) -> None:
    names = [operation["operationId"] for _, _, operation in operations(described)]
    assert len(names) == len(set(names))
    for method, path, operation in operations(described):
        assert operation.get("description"), f"{method} {path} is not described"
        assert operation.get("tags"), f"{method} {path} belongs to no subject"


def test_no_field_of_an_answer_is_a_password(described: dict[str, Any]) -> None:
    """Secrets are asked for; only what is shown once by design is answered."""
    shown_once = {"TokenWithSecret", "FactorOffer", "RecoveryCodes", "CreatedToken", "NewJoinToken"}
    answered: set[str] = set()
    waiting = [
        content["schema"].get("$ref", "")
        for _, _, operation in operations(described)
        for code, answer in operation["responses"].items()
        if code.startswith("2")
        for content in answer.get("content", {}).values()
        if "schema" in content
    ]
    schemas = described["components"]["schemas"]
    while waiting:
        name = waiting.pop().rpartition("/")[2]
        if not name or name in answered:
            continue
        answered.add(name)
        for field in schemas[name].get("properties", {}).values():
            for part in (field, field.get("items", {}), *field.get("anyOf", ())):
                waiting.append(part.get("$ref", ""))
    for name in answered - shown_once:
        for field, kind in schemas[name].get("properties", {}).items():
            secret = field in ("password", "secret", "passphrase", "bind_password", "key")
            assert not (secret and kind.get("type") == "string"), f"{name}.{field} is answered"
