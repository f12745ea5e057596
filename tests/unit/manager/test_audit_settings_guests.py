"""The audit log, settings, events and guests, as the API shows them."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from foundation.secret import MASK, Secret
from manager.access.principal import SYSTEM
from manager.audit.recording import record, redacted
from manager.audit.sweeps import forget_old
from manager.events.event import Severity
from manager.guests.tables import GuestRow
from manager.preferences.storing import preference
from manager.preferences.tables import PreferenceRow
from manager.services import Services

from .conftest import SteppingClock, add_somebody


def pages(client: TestClient, path: str, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        asked = {**query, **({"after": after} if after else {})}
        answer = client.get(path, params=asked)
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        after = answer.json()["next"]
        if after is None:
            return found


def test_audit_says_who_did_what_from_where_with_which_result(admin: TestClient) -> None:
    theirs, _ = add_somebody(admin, "maria", "operator")
    theirs.post("/api/v1/session", json={"name": "maria", "password": "wrong"})
    records = pages(admin, "/api/v1/audit", size="2")
    assert [each["id"] for each in records] == sorted((r["id"] for r in records), reverse=True)
    refused = next(each for each in records if each["result"] == "refused")
    assert (refused["actor"], refused["address"]) == ("maria", "192.0.2.9")
    assert (refused["action"], refused["text"]) == ("session.sign-in", "wrong password")
    created = pages(admin, "/api/v1/audit", action="administrator.")
    assert {each["target"] for each in created} == {"administrator:root", "administrator:maria"}
    assert pages(admin, "/api/v1/audit", actor="maria", result="refused") == [refused]


def test_audit_by_time(admin: TestClient, clock: SteppingClock) -> None:
    before = clock().isoformat()
    clock.forward(minutes=5)
    admin.patch("/api/v1/settings/audit", json={"keep_days": 400})
    newest = pages(admin, "/api/v1/audit", since=before)[0]
    assert newest["action"] == "settings.change"
    later = (clock() - timedelta(minutes=1)).isoformat()
    assert len(pages(admin, "/api/v1/audit", since=later)) == 1
    assert admin.get("/api/v1/audit", params={"since": "yesterday"}).status_code == 422


def test_audit_as_csv_is_no_formula(admin: TestClient, services: Services) -> None:
    with services.database.writing() as session:
        record(session, SYSTEM, "test", text="=HYPERLINK(evil)", clock=services.clock)
    exported = admin.get("/api/v1/audit/export", params={"action": "test"})
    assert "attachment" in exported.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(exported.text)))
    assert [row["text"] for row in rows] == ["'=HYPERLINK(evil)"]
    assert pages(admin, "/api/v1/audit", action="audit.export")


def test_what_is_recorded_is_redacted() -> None:
    data = {
        "name": "maria",
        "password": "hunter2",
        "nested": {"bind_secret": "x", "list": [Secret("y"), 1]},
        "token_days": 90,
        "long": "z" * 10_000,
    }
    kept = redacted(data)
    assert kept["password"] == kept["nested"]["bind_secret"] == MASK
    assert kept["nested"]["list"] == [MASK, 1]
    assert kept["token_days"] == 90
    assert len(kept["long"]) <= 500


def test_audit_is_kept_as_long_as_the_settings_say(
    admin: TestClient, services: Services, clock: SteppingClock
) -> None:
    with services.database.writing() as session:
        record(session, SYSTEM, "old", clock=services.clock)
    clock.forward(days=729)
    forget_old(services)
    clock.forward(days=2)
    with services.database.writing() as session:
        record(session, SYSTEM, "new", clock=services.clock)
    forget_old(services)
    from sqlalchemy import select

    from manager.audit.tables import AuditRow

    with services.database.reading() as session:
        assert set(session.scalars(select(AuditRow.action))) == {"new"}


def test_settings_change_a_part_and_say_what_is_wrong(
    admin: TestClient, services: Services
) -> None:
    listed = {each["name"]: each for each in admin.get("/api/v1/settings").json()["items"]}
    assert {"audit", "backup", "passwords", "sessions"} <= set(listed)
    assert listed["sessions"]["values"] == listed["sessions"]["defaults"]
    path = "/api/v1/settings/sessions"
    changed = admin.patch(path, json={"idle_minutes": 60}).json()
    assert changed["values"] == {**listed["sessions"]["defaults"], "idle_minutes": 60}
    for wrong, where in (({"idle_minutes": 1}, "idle_minutes"), ({"unknown": 1}, "unknown")):
        answer = admin.patch(path, json=wrong)
        assert (answer.status_code, answer.json()["where"]) == (422, where)
    assert admin.patch("/api/v1/settings/none", json={}).status_code == 404
    theirs, _ = add_somebody(admin, "maria", "operator")
    assert theirs.get(path).status_code == 200
    assert theirs.patch(path, json={"idle_minutes": 90}).status_code == 403


def test_settings_of_another_version_are_read_as_far_as_they_go(services: Services) -> None:
    from manager.access.preferences import SessionPreferences

    with services.database.writing() as session:
        session.add(
            PreferenceRow(
                name="sessions",
                value={"idle_minutes": 45, "from_the_future": 1, "absolute_hours": 10_000},
                changed=services.clock(),
                changed_by="test",
            )
        )
    read = preference(services, SessionPreferences)
    assert (read.idle_minutes, read.absolute_hours) == (45, 12)


def test_events_are_kept_told_and_filtered(admin: TestClient, services: Services) -> None:
    with services.database.writing() as session:
        for number in range(3):
            services.events.publish(
                session,
                "host.lost" if number == 1 else "guest.state",
                f"Event {number}.",
                subject=f"host:{number}",
                severity=Severity.ERROR if number == 1 else Severity.INFO,
            )
    (lost,) = pages(admin, "/api/v1/events", kind="host.")
    assert (lost["severity"], lost["text"]) == ("error", "Event 1.")
    assert pages(admin, "/api/v1/events", severity="error") == [lost]
    assert len(pages(admin, "/api/v1/events", kind="guest", size="1")) == 2
    assert admin.get("/api/v1/events", params={"after": "x"}).status_code == 422


@pytest.fixture
def guests(services: Services) -> list[str]:
    """Guests whose names need care: capitals, wildcards of SQL, the same name twice."""
    names = ["alpha", "Beta", "beta", "100%", "under_score", "beta", "ñandú"]
    with services.database.writing() as session:
        for number, name in enumerate(names):
            session.add(
                GuestRow(
                    id=f"{number:08}-0000-0000-0000-000000000000",
                    name=name,
                    host=f"host-{number % 2}",
                    state="running" if number % 2 else "off",
                    state_since=services.clock(),
                    vcpus=1,
                    memory=1 << 30,
                    autostart=False,
                )
            )
    return names


def test_guests_in_pages_are_complete_and_in_order(admin: TestClient, guests: list[str]) -> None:
    for size in ("1", "2", "3", "100"):
        found = [each["name"] for each in pages(admin, "/api/v1/guests", size=size)]
        assert found == sorted(guests)
    assert admin.get("/api/v1/guests", params={"after": "!!!"}).status_code == 422


def test_guests_by_host_state_and_part_of_the_name(admin: TestClient, guests: list[str]) -> None:
    assert len(pages(admin, "/api/v1/guests", host="host-1")) == 3
    assert len(pages(admin, "/api/v1/guests", state="off", host="host-0")) == 4
    assert len(pages(admin, "/api/v1/guests", name="BETA")) == 3
    assert [g["name"] for g in pages(admin, "/api/v1/guests", name="%")] == ["100%"]
    assert [g["name"] for g in pages(admin, "/api/v1/guests", name="_")] == ["under_score"]
    counts = admin.get("/api/v1/guests/count").json()
    assert counts == {"total": 7, "states": {"off": 4, "running": 3}}
