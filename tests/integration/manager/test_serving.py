from __future__ import annotations

from pathlib import Path

from tests.integration.manager.serving import served


def test_a_manager_on_a_laptop_answers_over_its_own_tls(tmp_path: Path) -> None:
    with served(tmp_path / "state") as manager, manager.client() as client:
        assert client.get("/health").json()["status"] == "ok"
        assert client.get("/api/v1/ca").text == manager.ca_file.read_text()
        assert client.get("/api/v1/tasks").status_code == 401
        assert manager.stop() == 0
        assert "Traceback" not in manager.log_file.read_text()
