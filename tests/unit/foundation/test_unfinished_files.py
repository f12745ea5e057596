"""What a killed write leaves behind is known by its name, and nothing else is taken for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from foundation.atomic_file import remove_unfinished, write_atomically


def test_only_what_a_killed_write_left_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "host[1].yaml"
    others = [tmp_path / name for name in (".host[1].yaml.old", ".host1.yaml.12345678", "x")]
    for other in others:
        other.touch()

    killed = os.fork()
    if killed == 0:
        monkeypatch.setattr(os, "fsync", lambda _descriptor: os._exit(1))
        write_atomically(file, "half")
        os._exit(0)
    assert os.waitpid(killed, 0)[1] != 0
    assert len(list(tmp_path.iterdir())) == len(others) + 1 and not file.exists()

    remove_unfinished(file)
    assert sorted(tmp_path.iterdir()) == sorted(others)
