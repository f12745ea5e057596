"""What mirrors can do wrong: one cause, one remedy, and no half-made entry in the cache."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.failure import Failure
from foundation.process import run
from iso.bases.model import Base
from iso.bases.sources import OWN, Sources
from iso.cache import Cache
from iso.root_tree import root_key, root_tree
from tests.integration.iso.broken_mirror import serving
from tests.integration.iso.el_distribution import Distribution
from tests.lab.mounts import mounts_below
from tests.lab.rpm_repository import Package, make_package, publish

APPSTREAM = "AppStream/x86_64/os"
BASEOS = "BaseOS/x86_64/os"


@pytest.fixture
def base(distribution: Distribution) -> Base:
    """Without SPICE, so that one mirror is enough."""
    return distribution.base().with_display("vnc")


@pytest.fixture
def mirror(distribution: Distribution, tmp_path: Path) -> Path:
    """A copy of the mirror to spoil."""
    return Path(shutil.copytree(distribution.mirror, tmp_path / "mirror"))


def refusal(base: Base, place: str, folder: Path) -> Failure:
    """The failure of a build from ``place``; checks that it left nothing."""
    before = mounts_below(folder)
    cache = Cache(folder / "cache")
    with pytest.raises(Failure) as caught:
        root_tree(base, cache, Sources({OWN: place}, {}), lambda line: None)
    assert not cache.has("root", root_key(base))
    left = [path for path in (folder / "cache").rglob("*") if path.is_file()]
    assert [path.name for path in left] == ["lock"]
    assert mounts_below(folder) == before
    assert caught.value.remedy
    return caught.value


def test_an_unsigned_package(
    base: Base, distribution: Distribution, mirror: Path, tmp_path: Path
) -> None:
    unsigned = Package("application-settings", "2.0", provides=("config(application)",),
                       files={"/etc/application.conf": "answer=13\n"})  # fmt: skip
    make_package(unsigned, mirror / APPSTREAM, None)
    publish(mirror / APPSTREAM)
    failure = refusal(base, str(mirror), tmp_path)
    assert "application-settings" in failure.cause
    assert "signature" in failure.cause or "not signed" in failure.cause


def test_a_package_signed_by_a_stranger(
    base: Base, distribution: Distribution, mirror: Path, tmp_path: Path
) -> None:
    strange = Package("application-settings", "2.0", provides=("config(application)",),
                      files={"/etc/application.conf": "answer=13\n"})  # fmt: skip
    make_package(strange, mirror / APPSTREAM, distribution.other_key)
    publish(mirror / APPSTREAM)
    failure = refusal(base, str(mirror), tmp_path)
    assert "application-settings" in failure.cause
    assert "not signed with the key" in failure.cause


def flip_a_byte(package: Path) -> None:
    content = bytearray(package.read_bytes())
    content[-40] ^= 0x55
    package.write_bytes(bytes(content))


def test_a_tampered_package_in_a_repository_made_to_fit(
    base: Base, mirror: Path, tmp_path: Path
) -> None:
    flip_a_byte(next((mirror / APPSTREAM).glob("application-1*.rpm")))
    publish(mirror / APPSTREAM)
    failure = refusal(base, str(mirror), tmp_path)
    assert "application" in failure.cause
    assert "tampered" in failure.cause or "signature" in failure.cause


def test_a_tampered_package(base: Base, mirror: Path, tmp_path: Path) -> None:
    flip_a_byte(next((mirror / APPSTREAM).glob("application-1*.rpm")))
    with serving(mirror) as address:
        failure = refusal(base, address, tmp_path)
    assert "checksum" in failure.cause
    assert "Do not build from there" in failure.remedy


def test_a_mirror_that_breaks_off(base: Base, mirror: Path, tmp_path: Path) -> None:
    with serving(mirror, breaks_off_at="application-1") as address:
        failure = refusal(base, address, tmp_path)
    assert "broke off" in failure.cause
    assert "application-1" in failure.cause


def test_an_incomplete_mirror(base: Base, mirror: Path, tmp_path: Path) -> None:
    next((mirror / APPSTREAM).glob("application-1*.rpm")).unlink()
    with serving(mirror) as address:
        failure = refusal(base, address, tmp_path)
    assert "incomplete" in failure.cause
    assert "application-1" in failure.cause


def test_an_incomplete_folder(base: Base, mirror: Path, tmp_path: Path) -> None:
    next((mirror / APPSTREAM).glob("application-1*.rpm")).unlink()
    failure = refusal(base, str(mirror), tmp_path)
    assert "application-1" in failure.cause


def test_a_mirror_that_does_not_answer(base: Base, tmp_path: Path) -> None:
    failure = refusal(base, "http://127.0.0.1:9/centos", tmp_path)
    assert "http://127.0.0.1:9/centos" in failure.cause
    assert "--mirror" in failure.remedy


def test_a_place_without_repositories(base: Base, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    failure = refusal(base, str(tmp_path / "empty"), tmp_path)
    assert "has no repository baseos" in failure.cause
    assert "BaseOS/x86_64/os" in failure.cause


def test_a_login_page_instead_of_a_repository(base: Base, mirror: Path, tmp_path: Path) -> None:
    with serving(mirror, answers=b"<html>Please log in.</html>") as address:
        failure = refusal(base, address, tmp_path)
    assert "is not a package repository" in failure.cause


def test_another_release(
    base: Base, distribution: Distribution, mirror: Path, tmp_path: Path
) -> None:
    next((mirror / BASEOS).glob("centos-stream-release-*.rpm")).unlink()
    nine = Package("centos-stream-release", "9.0", files={"/usr/lib/os-release": 'ID="centos"\n'})
    make_package(nine, mirror / BASEOS, distribution.key)
    publish(mirror / BASEOS)
    failure = refusal(base, str(mirror), tmp_path)
    assert "release 9.0" in failure.cause
    assert "release 10" in failure.remedy


def test_another_distribution(
    base: Base, distribution: Distribution, mirror: Path, tmp_path: Path
) -> None:
    next((mirror / BASEOS).glob("centos-stream-release-*.rpm")).unlink()
    publish(mirror / BASEOS)
    failure = refusal(base, str(mirror), tmp_path)
    assert "another distribution's" in failure.cause


def test_a_key_that_is_not_the_pinned_one(
    base: Base, distribution: Distribution, mirror: Path, tmp_path: Path
) -> None:
    shutil.copy(distribution.other_key.public, mirror / distribution.key.public.name)
    failure = refusal(base, str(mirror), tmp_path)
    assert distribution.other_key.fingerprint in failure.cause
    assert distribution.key.fingerprint in failure.cause


def test_a_key_that_is_nowhere(
    base: Base, distribution: Distribution, mirror: Path, tmp_path: Path
) -> None:
    (mirror / distribution.key.public.name).unlink()
    failure = refusal(base, str(mirror), tmp_path)
    assert "No copy of the key of centos" in failure.cause
    assert distribution.key.public.name in failure.remedy


def test_packages_that_were_renamed(base: Base, distribution: Distribution, tmp_path: Path) -> None:
    packages = {**base.packages, "gone": ("ancient", "older")}
    failure = refusal(
        base.model_copy(update={"packages": packages}), str(distribution.mirror), tmp_path
    )
    assert "ancient, older" in failure.cause


def test_a_dependency_that_nobody_provides(
    base: Base, distribution: Distribution, mirror: Path, tmp_path: Path
) -> None:
    make_package(Package("needy", requires=("unobtainable",)), mirror / APPSTREAM, distribution.key)
    publish(mirror / APPSTREAM)
    packages = {**base.packages, "more": ("needy",)}
    failure = refusal(base.model_copy(update={"packages": packages}), str(mirror), tmp_path)
    assert "unobtainable" in failure.cause


def test_a_script_that_fails(
    base: Base, distribution: Distribution, mirror: Path, tmp_path: Path
) -> None:
    broken = Package("broken", requires=("bash",), post="echo cannot; exit 3")
    make_package(broken, mirror / APPSTREAM, distribution.key)
    publish(mirror / APPSTREAM)
    packages = {**base.packages, "more": ("broken",)}
    failure = refusal(base.model_copy(update={"packages": packages}), str(mirror), tmp_path)
    assert "broken" in failure.cause
    assert "script" in failure.cause


def test_qemu_of_another_age(distribution: Distribution, tmp_path: Path) -> None:
    """What comes from the other distribution must fit the rest."""
    base = distribution.base()
    settings = dict(base.adapter_settings)
    settings["version_checks"] = [
        {"repository": "almalinux-spice", "package": "qemu-kvm-core", "majors": 0}
    ]
    sources = Sources(
        {OWN: str(distribution.mirror), "almalinux": str(distribution.other_mirror)}, {}
    )
    with pytest.raises(Failure) as caught:
        root_tree(base.model_copy(update={"adapter_settings": settings}), Cache(tmp_path),
                  sources, lambda line: None)  # fmt: skip
    assert "version 9" in caught.value.cause
    assert "expects 10" in caught.value.cause


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)])
    yield place
    run(["umount", str(place)])


def test_a_full_disk(base: Base, distribution: Distribution, small_disk: Path) -> None:
    failure = refusal(base, str(distribution.mirror), small_disk)
    assert "full" in failure.cause
