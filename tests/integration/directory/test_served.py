"""A real Manager process with both kinds of directories: people enter, no secret stays behind."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import httpx

from tests.integration.directory import samba_lab, slapd_lab
from tests.integration.directory.samba_lab import Samba
from tests.integration.directory.slapd_lab import Slapd
from tests.integration.manager.serving import ServedManager, served

ACTIVE_DIRECTORY = "corp.example"
OPENLDAP = "example.org"


def bodies(samba: Samba, slapd: Slapd) -> list[dict[str, Any]]:
    everyone = f"CN=everyone,CN=Users,{samba_lab.BASE}"
    return [
        {
            "settings": {
                "name": ACTIVE_DIRECTORY,
                "kind": "active-directory",
                "servers": [samba_lab.ADDRESS],
                "ca": samba.authority.pem,
                "bind_user": samba_lab.MANAGER,
                "base": samba_lab.BASE,
                "roles": [{"group": everyone, "role": "operator"}],
            },
            "bind_password": samba_lab.MANAGER_PASSWORD,
        },
        {
            "settings": {
                "name": OPENLDAP,
                "kind": "openldap",
                "servers": [slapd.ldap],
                "security": "starttls",
                "ca": slapd.authority.pem,
                "bind_user": slapd_lab.MANAGER,
                "base": slapd_lab.SUFFIX,
                "roles": [{"group": slapd_lab.group_dn("everyone"), "role": "auditor"}],
            },
            "bind_password": slapd_lab.MANAGER_PASSWORD,
        },
    ]


def enter(manager: ServedManager, name: str, password: str) -> httpx.Response:
    with manager.client() as client:
        return client.post("/api/v1/session", json={"name": name, "password": password})


def test_people_of_two_directories_enter(tmp_path: Path, samba: Samba, slapd: Slapd) -> None:
    with served(tmp_path / "state") as manager:
        with contextlib.closing(manager.signed_in()) as administrator:
            for body in bodies(samba, slapd):
                tried = administrator.post(
                    "/api/v1/directories/test", json={**body, "sample_user": "alice"}
                )
                assert tried.json()["state"] == "ok", tried.text
                kept = administrator.post("/api/v1/directories", json=body)
                assert kept.status_code == 201, kept.text
            found = administrator.get(f"/api/v1/directories/{kept.json()['id']}/groups?text=eng")
            assert [group["name"] for group in found.json()] == ["engineering"]

        for name, password, role in (
            ("alice", samba_lab.PASSWORD, "operator"),
            ("CORP\\alice", samba_lab.PASSWORD, "operator"),
            (f"alice@{ACTIVE_DIRECTORY}", samba_lab.PASSWORD, "operator"),
            (f"alice@{OPENLDAP}", slapd_lab.PASSWORD, "auditor"),
        ):
            answer = enter(manager, name, password)
            assert answer.status_code == 201, (name, answer.text)
            assert (answer.json()["name"], answer.json()["role"]) == ("alice", role)
        # The first directory that knows the name decides, not the first that likes the password.
        assert enter(manager, "alice", slapd_lab.PASSWORD).status_code == 401

        manager.stop()
        planted = [
            samba_lab.MANAGER_PASSWORD,
            slapd_lab.MANAGER_PASSWORD,
            samba_lab.PASSWORD,
            slapd_lab.PASSWORD,
        ]
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert manager.log_file in files
        for path in files:
            content = path.read_bytes()
            assert not [secret for secret in planted if secret.encode() in content], path
