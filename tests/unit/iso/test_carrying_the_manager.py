"""Which image of the Manager a medium carries, and which it refuses to carry."""

from __future__ import annotations

from pathlib import Path

import pytest

from foundation.appliance_manifest import ApplianceManifest, LeastHardware
from foundation.failure import Failure
from foundation.manifest import Manifest, measure
from iso import bases
from iso.build import _check_manager_image
from iso.command_line import _manager_image, parser


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A folder with an image and its manifest."""
    folder = tmp_path / "build/flexvdi-manager-debian-12"
    folder.mkdir(parents=True)
    write_manifest(folder, "manager.qcow2")
    return folder


def write_manifest(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"image")
    measured = measure(folder / name)
    manifest = ApplianceManifest(
        product="flexVDI Manager",
        version="1",
        base="debian-12",
        base_release="12",
        kernel="6.1",
        build_id="abc",
        source_date_epoch=1,
        file=name,
        size=measured.size,
        sha256=measured.sha256,
        virtual_size=1 << 20,
        least=LeastHardware(vcpus=2, memory=2048, data_disk=1 << 30),
        firmwares=("bios",),
        database=15,
        packages={},
    )
    (folder / "manager-image.json").write_text(manifest.model_dump_json())


def chosen(*arguments: str) -> Path | None:
    given = parser().parse_args(["build", "--base", "debian-12", *arguments])
    return _manager_image(given, bases.load("debian-12"))


def test_the_one_that_was_built_for_the_base_is_taken(
    image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert chosen() == Path("build/flexvdi-manager-debian-12/manager-image.json")
    assert chosen("--no-manager-image") is None
    (image / "manager-image.json").unlink()
    assert chosen() is None


def test_image_folder_and_manifest_name_the_same(image: Path) -> None:
    for named in (image, image / "manager.qcow2", image / "manager-image.json"):
        assert chosen("--manager-image", str(named)) == image / "manager-image.json"


def test_a_whole_image_may_be_carried(image: Path) -> None:
    _check_manager_image(image / "manager-image.json")


def test_a_damaged_or_renamed_one_may_not(image: Path) -> None:
    (image / "manager.qcow2").write_bytes(b"other")
    with pytest.raises(Failure, match="damaged"):
        _check_manager_image(image / "manager-image.json")
    write_manifest(image, "renamed.qcow2")
    with pytest.raises(Failure, match="carries a Manager's image as"):
        _check_manager_image(image / "manager-image.json")


def test_a_manifest_of_a_medium_without_one_needs_no_more_than_the_host() -> None:
    manifest = Manifest(
        product="flexVDI host",
        version="1",
        base="debian-12",
        base_release="12",
        kernel="6.1",
        build_id="abc",
        source_date_epoch=1,
        image="host.squashfs",
        unpacked_size=10,
        displays=(),
        artefacts={},
        packages={},
    )
    assert manifest.manager_files == () and manifest.needed_size == 10
