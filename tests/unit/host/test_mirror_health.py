from __future__ import annotations

from pathlib import Path

import pytest

from host.backends.real.health import mirrors


def array(blocks: Path, name: str, degraded: int, action: str) -> None:
    folder = blocks / name / "md"
    folder.mkdir(parents=True)
    (folder / "degraded").write_text(f"{degraded}\n")
    (folder / "sync_action").write_text(f"{action}\n")


def test_a_host_without_mirrors_says_nothing_of_them(tmp_path: Path) -> None:
    (tmp_path / "vda").mkdir()
    assert mirrors(tmp_path) is None


@pytest.mark.parametrize(
    ("degraded", "action", "state", "said"),
    [
        (0, "idle", "ok", "All disks"),
        (1, "idle", "failed", "md127 lacks 1"),
        (0, "resync", "warning", "md127"),
    ],
)
def test_the_state_of_a_mirror(
    tmp_path: Path, degraded: int, action: str, state: str, said: str
) -> None:
    array(tmp_path, "md126", 0, "idle")
    array(tmp_path, "md127", degraded, action)
    check = mirrors(tmp_path)
    assert check is not None
    assert (check.state, said in check.reason) == (state, True)
    assert check.state == "ok" or check.remedy
