"""Taking down trees of mounts, on real mounts."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from foundation.failure import Failure
from installer.storage.mounting import bind_api_filesystems, mounts_under, unmount_tree

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def mount_tmpfs(folder):
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", str(folder)], check=True)


def test_a_tree_with_stacked_and_nested_mounts_goes_and_its_neighbour_stays(tmp_path):
    target, neighbour = tmp_path / "target", tmp_path / "target-2"
    mount_tmpfs(neighbour)
    mount_tmpfs(target)
    mount_tmpfs(target / "var")
    mount_tmpfs(target / "var/with space")
    mount_tmpfs(target / "var")
    try:
        unmount_tree(target)
        assert mounts_under(target) == []
        assert mounts_under(neighbour) == [str(neighbour)]
        unmount_tree(target)
    finally:
        unmount_tree(neighbour)


def test_mounts_below_an_unmounted_folder_go_too(tmp_path):
    mount_tmpfs(tmp_path / "target/boot")
    mount_tmpfs(tmp_path / "target/home")
    unmount_tree(tmp_path / "target")
    assert mounts_under(tmp_path / "target") == []


def test_a_busy_tree_is_told_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr("installer.storage.mounting._BETWEEN_ATTEMPTS", 0.0)
    target = tmp_path / "target"
    mount_tmpfs(target)
    with (target / "open").open("w"):
        with pytest.raises(Failure) as caught:
            unmount_tree(target)
        assert "retry" in caught.value.remedy
    unmount_tree(target)


def test_the_kernels_filesystems_are_bound_once_and_leave_the_hosts_own_alone(tmp_path):
    before = mounts_under(Path("/dev"))
    mount_tmpfs(tmp_path / "target")
    bind_api_filesystems(tmp_path / "target")
    bind_api_filesystems(tmp_path / "target")
    bound = mounts_under(tmp_path / "target")
    unmount_tree(tmp_path / "target")
    assert len(bound) == len(set(bound))
    assert str(tmp_path / "target/proc") in bound
    assert mounts_under(tmp_path / "target") == []
    assert mounts_under(Path("/dev")) == before
