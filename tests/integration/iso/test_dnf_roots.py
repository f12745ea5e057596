"""Root trees made by the real dnf from signed repositories: what is taken, and from where."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from foundation.failure import Failure
from foundation.process import run
from iso import bases
from iso.bases import adapter_of
from iso.bases.lock import Lock, read_lock, write_lock
from iso.bases.model import Base
from iso.bases.sources import OWN, Sources
from iso.cache import Cache
from iso.root_tree import RootTree, root_key, root_tree
from tests.integration.iso.el_distribution import Distribution


def sources_of(distribution: Distribution) -> Sources:
    return Sources({OWN: str(distribution.mirror), "almalinux": str(distribution.other_mirror)}, {})


def quietly(line: str) -> None:
    pass


def label_of(path: Path) -> str:
    return os.getxattr(path, "security.selinux", follow_symlinks=False).decode().rstrip("\0")


@pytest.fixture(scope="module")
def made(distribution: Distribution, tmp_path_factory: pytest.TempPathFactory) -> RootTree:
    cache = Cache(tmp_path_factory.mktemp("cache"))
    return root_tree(distribution.base(), cache, sources_of(distribution), quietly)


def test_what_is_needed_comes_along(made: RootTree) -> None:
    assert {"application", "application-settings", "library", "filesystem"} <= made.packages.keys()
    assert (made.tree / "etc/application.conf").read_text() == "answer=42\n"
    assert made.packages["library"] == "0:2.1-1.el10.x86_64"


def test_scripts_of_packages_run_inside_the_tree(made: RootTree) -> None:
    assert (made.tree / "etc/library.state").read_text() == "configured\n"
    assert not Path("/etc/library.state").exists()


def test_the_package_database_is_where_the_distribution_looks(made: RootTree) -> None:
    assert list((made.tree / "usr/lib/sysimage/rpm").glob("rpmdb.sqlite"))
    assert not (made.tree / "root/.rpmdb").exists()


def test_spice_comes_from_the_other_distribution_and_nothing_else_does(made: RootTree) -> None:
    assert (made.tree / "usr/libexec/qemu-kvm").read_text() == "other\n"
    assert made.packages["qemu-kvm-core"].startswith("18:9.1.0")
    assert {"qemu-kvm-ui-spice", "spice-server"} <= made.packages.keys()
    assert (made.tree / "usr/lib64/liblibrary.so").read_text() == "2.1\n"


def test_labels_are_there_before_the_first_boot(made: RootTree) -> None:
    assert label_of(made.tree / "etc/shadow") == "system_u:object_r:shadow_t:s0"
    assert label_of(made.tree / "usr/bin/application") == "system_u:object_r:bin_t:s0"
    # What is mounted over while the tree is made has its own label, not the mount's.
    assert label_of(made.tree / "dev") == "system_u:object_r:device_t:s0"
    assert label_of(made.tree / "proc") == "system_u:object_r:proc_t:s0"
    # A FAT filesystem on a host: a label there would make unpacking the image fail.
    assert os.listxattr(made.tree / "boot") == ["security.selinux"]
    assert os.listxattr(made.tree / "boot/efi") == []


def test_the_state_of_the_repositories_is_told(made: RootTree) -> None:
    states = made.made_of.repositories
    assert states.keys() == {"baseos", "appstream", "highavailability", "almalinux-spice"}
    assert all(len(state.sha256) == 64 and state.revision for state in states.values())


def test_nothing_of_the_build_is_left(made: RootTree) -> None:
    assert {path.name for path in made.tree.parent.iterdir()} == {"tree", "root.json"}
    assert list((made.tree / "dev").iterdir()) == []
    assert str(made.tree) not in Path("/proc/self/mounts").read_text()


def test_a_host_without_spice_is_of_one_distribution(
    distribution: Distribution, tmp_path: Path
) -> None:
    base = distribution.base().with_display("vnc")
    made = root_tree(base, Cache(tmp_path), Sources({OWN: str(distribution.mirror)}, {}), quietly)
    assert made.packages["qemu-kvm-core"].startswith("18:10.0.0")
    assert "spice-server" not in made.packages
    assert made.key != root_key(distribution.base())


def test_a_medium_needs_no_mirror(distribution: Distribution, tmp_path: Path) -> None:
    """A DVD has two repositories at other places, and none for clusters."""
    stage = tmp_path / "dvd"
    stage.mkdir()
    (stage / "BaseOS").symlink_to(distribution.repository("baseos"))
    (stage / "AppStream").symlink_to(distribution.repository("appstream"))
    (stage / distribution.key.public.name).symlink_to(distribution.key.public)
    dvd = tmp_path / "dvd.iso"
    run(["xorriso", "-as", "mkisofs", "-quiet", "-f", "-R", "-o", str(dvd), str(stage)])
    said: list[str] = []
    base = distribution.base().with_display("vnc")
    made = root_tree(base, Cache(tmp_path / "cache"), Sources({}, {OWN: dvd}), said.append)
    assert "application" in made.packages
    assert "pacemaker" not in made.packages
    assert any("cluster" in line for line in said)
    assert made.made_of.repositories["baseos"].place == "dvd.iso"


def test_a_medium_without_the_other_distribution_says_what_to_give(
    distribution: Distribution, tmp_path: Path
) -> None:
    dvd = tmp_path / "dvd.iso"
    run(["xorriso", "-as", "mkisofs", "-quiet", "-f", "-R", "-o", str(dvd),
         str(distribution.mirror)])  # fmt: skip
    with pytest.raises(Failure) as caught:
        root_tree(distribution.base(), Cache(tmp_path / "cache"), Sources({}, {OWN: dvd}), quietly)
    assert "almalinux" in caught.value.cause
    assert "--source almalinux=" in caught.value.remedy
    assert "--display vnc" in caught.value.remedy


def locked_to(base: Base, lock: Lock) -> Base:
    return base.model_copy(update={"lock": lock})


def test_a_lock_repeats_the_build(
    distribution: Distribution, made: RootTree, tmp_path: Path
) -> None:
    """The older library is asked for, although the newer one is there."""
    path = tmp_path / "base.lock"
    write_lock(path, made.made_of)
    assert read_lock(path) == made.made_of
    assert tomllib.loads(path.read_text())["packages"] == made.made_of.packages

    older = distribution.base().model_copy(
        update={"packages": {**distribution.base().packages, "old": ("library-2.0",)}}
    )
    names = [name for name in made.made_of.packages if not name.startswith("library-")]
    digest = digest_of(distribution.repository("baseos") / "library-2.0-1.el10.x86_64.rpm")
    lock = Lock(packages={
        **{name: made.made_of.packages[name] for name in names},
        "library-0:2.0-1.el10.x86_64": digest,
    })  # fmt: skip
    again = root_tree(
        locked_to(older, lock), Cache(tmp_path / "cache"), sources_of(distribution), quietly
    )
    assert again.packages["library"] == "0:2.0-1.el10.x86_64"
    assert again.made_of.packages == lock.packages


def digest_of(package: Path) -> str:
    return run(["rpm", "-qp", "--qf", "%{SHA256HEADER}", str(package)]).stdout


def test_a_locked_package_that_left_the_mirror_is_named(
    distribution: Distribution, made: RootTree, tmp_path: Path
) -> None:
    lock = Lock(packages={**made.made_of.packages, "library-0:1.9-1.el10.x86_64": "0" * 64})
    with pytest.raises(Failure) as caught:
        root_tree(
            locked_to(distribution.base(), lock), Cache(tmp_path), sources_of(distribution), quietly
        )
    assert "library-0:1.9-1.el10.x86_64" in caught.value.cause
    assert "flexvdi-iso lock" in caught.value.remedy


def test_other_content_under_a_locked_version_is_refused(
    distribution: Distribution, made: RootTree, tmp_path: Path
) -> None:
    changed = {**made.made_of.packages, "library-0:2.1-1.el10.x86_64": "0" * 64}
    cache = Cache(tmp_path)
    base = locked_to(distribution.base(), Lock(packages=changed))
    with pytest.raises(Failure) as caught:
        root_tree(base, cache, sources_of(distribution), quietly)
    assert "library-0:2.1-1.el10.x86_64" in caught.value.cause
    assert not cache.has("root", root_key(base))


def test_the_adapter_tells_what_it_runs() -> None:
    assert {"dnf", "rpm", "gpg"} <= set(adapter_of(bases.load("centos-stream-10")).programs)
