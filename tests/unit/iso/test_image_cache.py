"""The cache of a build: entries are whole or absent, and found by what defines them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from foundation.failure import Failure
from iso.cache import Cache, default_cache, key_of, key_of_files


def test_an_entry_is_made_once(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    made = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "content").write_text("whole")

    first = cache.entry("root", "k", make)
    second = cache.entry("root", "k", make)
    assert first == second
    assert (second / "content").read_text() == "whole"
    assert len(made) == 1


def test_a_failed_entry_does_not_exist(tmp_path: Path) -> None:
    cache = Cache(tmp_path)

    def fail(folder: Path) -> None:
        (folder / "half").write_text("half")
        raise Failure("The mirror is away.")

    with pytest.raises(Failure):
        cache.entry("root", "k", fail)
    assert not cache.has("root", "k")
    assert not [path for path in tmp_path.rglob("*") if path.name == "half"]


def test_leftovers_of_a_killed_build_are_removed(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    place = cache.entry("root", "k", lambda folder: (folder / "whole").touch())
    leftover = place.with_name(".unfinished-other")
    place.rename(leftover)
    assert not cache.has("root", "other")
    cache.entry("root", "new", lambda folder: None)
    assert not leftover.exists()


def test_a_forgotten_entry_is_made_anew(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.entry("root", "k", lambda folder: (folder / "old").touch())
    cache.forget("root", "k")
    assert not cache.has("root", "k")
    assert (cache.entry("root", "k", lambda folder: (folder / "new").touch()) / "new").exists()


def test_a_workspace_ends_with_its_use(tmp_path: Path) -> None:
    with Cache(tmp_path).workspace("tree") as place:
        (place / "file").touch()
    assert not place.exists()


def test_a_cache_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Failure, match="--cache"):
        Cache(tmp_path / "file" / "cache")


def test_keys_follow_content_names_and_modes(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("1")
    keys = [key_of_files(tmp_path)]
    file.write_text("2")
    keys.append(key_of_files(tmp_path))
    file.chmod(0o755)
    keys.append(key_of_files(tmp_path))
    file.rename(tmp_path / "b")
    keys.append(key_of_files(tmp_path))
    (tmp_path / "c").symlink_to("b")
    keys.append(key_of_files(tmp_path))
    assert len(set(keys)) == len(keys)
    os.utime(tmp_path / "b", (1, 1))
    assert key_of_files(tmp_path) == keys[-1]


def test_keys_do_not_depend_on_the_order_of_tables() -> None:
    assert key_of({"a": 1, "b": 2}) == key_of({"b": 2, "a": 1})
    assert key_of("a", "b") != key_of("b", "a")


def test_the_cache_can_be_moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FLEXVDI_CACHE", str(tmp_path / "elsewhere"))
    assert default_cache() == tmp_path / "elsewhere"
