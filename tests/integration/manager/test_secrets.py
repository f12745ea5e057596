"""Secrets that were planted turn up nowhere: not in logs, answers, the database, process lists."""

from __future__ import annotations

import base64
from pathlib import Path

import pyotp

from tests.integration.manager.serving import served, until

PLANTED = {
    "password": "planted password number one",
    "changed": "planted password number two",
    "hers": "planted password number three",
    "passphrase": "planted passphrase of backups",
    "guess": "planted wrong guess",
}


def test_planted_secrets_stay_secret(tmp_path: Path, database_url: str) -> None:
    seen: list[str] = []
    with served(tmp_path / "state", database_url) as manager:
        setup = (manager.state / "setup-secret").read_text().strip()
        client = manager.signed_in("root", PLANTED["password"])

        def call(method: str, path: str, body: object = None) -> dict[str, object]:
            answer = client.request(method, path, json=body)
            seen.append(answer.text)
            seen.append(str(dict(answer.headers)))
            found: dict[str, object] = answer.json() if answer.content else {}
            return found

        cookie = client.cookies["__Host-flexvdi-session"]
        csrf = client.headers["x-csrf-token"]
        wrong = {"name": "root", "password": PLANTED["guess"]}
        call("POST", "/api/v1/session", wrong)
        call("POST", "/api/v1/session", {"name": ["x"], "password": PLANTED["guess"]})
        change = {"current": PLANTED["password"], "new": PLANTED["changed"]}
        call("POST", "/api/v1/account/password", change)
        new = {"name": "maria", "role": "operator", "password": PLANTED["hers"]}
        call("POST", "/api/v1/administrators", new)
        call("PUT", "/api/v1/backups/passphrase", {"passphrase": PLANTED["passphrase"]})
        # These answers show their secret once, by design: they are not among what is looked at.
        token = client.post("/api/v1/tokens", json={"name": "ci", "role": "operator"}).json()
        offer = client.post(
            "/api/v1/account/second-factor", json={"password": PLANTED["changed"]}
        ).json()
        code = pyotp.TOTP(offer["secret"]).now()
        codes = client.post("/api/v1/account/second-factor/confirm", json={"code": code}).json()

        task = str(call("POST", "/api/v1/backups")["task"])
        until(lambda: call("GET", f"/api/v1/tasks/{task}")["state"] == "done", "the backup")
        for path in (
            *("/health", "/metrics", "/api/v1/openapi.json", "/api/v1/administrators"),
            *("/api/v1/tokens", "/api/v1/sessions", "/api/v1/audit?size=500", "/api/v1/settings"),
            *("/api/v1/events?size=500", "/api/v1/tasks", "/api/v1/backups", "/api/v1/account"),
        ):
            call_text = client.get(path)
            assert call_text.status_code == 200, (path, call_text.text)
            seen.append(call_text.text)
        seen.append(client.get("/api/v1/audit/export").text)
        seen.append(Path(f"/proc/{manager.process.pid}/cmdline").read_text())  # type: ignore[union-attr]
        dump = _dump(manager.state, database_url)
        log = manager.log_file.read_text()

    secrets = {
        **PLANTED,
        "setup secret": setup,
        "cookie": cookie,
        "token": token["secret"],
        "second factor": offer["secret"],
        "recovery code": codes["codes"][0],
    }
    everywhere = {"answers": "\n".join(seen), "log": log, "database": dump}
    for what, secret in secrets.items():
        forms = (secret, base64.b64encode(secret.encode()).decode())
        for place, text in everywhere.items():
            assert not any(form in text for form in forms), f"{what} is in the {place}"
    assert csrf not in log
    assert "PRIVATE KEY" not in "".join(everywhere.values())


def _dump(state: Path, database_url: str) -> str:
    """All that the database holds, the task engine's own tables too, as text."""
    if not database_url:
        files = [path for path in state.iterdir() if path.name.startswith("manager")]
        assert files
        return "\n".join(path.read_bytes().decode("latin-1") for path in files)
    from sqlalchemy import MetaData, create_engine, select

    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    found = []
    with engine.connect() as connection:
        for schema in ("public", "dbos"):
            tables = MetaData()
            tables.reflect(connection, schema=schema)
            for table in tables.tables.values():
                for row in connection.execute(select(table)):
                    found.append(str([_plain(value) for value in row]))
    engine.dispose()
    assert len(found) > 20
    return "\n".join(found)


def _plain(value: object) -> object:
    return value.decode("latin-1") if isinstance(value, bytes) else value
