"""What the appliance's image declares of itself, and how damage to it is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from foundation.appliance_manifest import (
    APPLIANCE_MANIFEST_NAME,
    ApplianceManifest,
    LeastHardware,
    read_appliance_manifest,
    verify_appliance_image,
)
from foundation.failure import Failure
from foundation.manifest import measure


@pytest.fixture
def image(tmp_path: Path) -> ApplianceManifest:
    """A manifest beside the image that it describes."""
    (tmp_path / "manager.qcow2").write_bytes(b"QFI\xfb" + bytes(5000))
    measured = measure(tmp_path / "manager.qcow2")
    manifest = ApplianceManifest(
        product="flexVDI Manager",
        version="1",
        base="debian-12",
        base_release="12",
        kernel="6.1",
        build_id="abc",
        source_date_epoch=1,
        size=measured.size,
        sha256=measured.sha256,
        virtual_size=1 << 20,
        least=LeastHardware(vcpus=2, memory=2048, data_disk=1 << 30),
        firmwares=("bios",),
        database=15,
        packages={},
    )
    (tmp_path / APPLIANCE_MANIFEST_NAME).write_text(manifest.model_dump_json())
    return manifest


def test_a_whole_image_is_accepted(image: ApplianceManifest, tmp_path: Path) -> None:
    seen: list[int] = []
    found = read_appliance_manifest(tmp_path / APPLIANCE_MANIFEST_NAME)
    verify_appliance_image(found, tmp_path, seen.append)
    assert found == image and seen[-1] == image.size


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "copied in part"),
        (lambda path: path.write_bytes(bytes(5004)), "damaged"),
        (lambda path: path.unlink(), "could not be read"),
    ],
)
def test_a_damaged_image_is_told(
    image: ApplianceManifest, tmp_path: Path, damage: object, said: str
) -> None:
    assert callable(damage)
    damage(tmp_path / image.file)
    with pytest.raises(Failure) as failure:
        verify_appliance_image(image, tmp_path)
    assert said in str(failure.value) and failure.value.remedy


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 2}, "is of format 2"),
        ({"file": "../manager.qcow2"}, "outside its own folder"),
        ({"surprise": 1}, "unknown form"),
    ],
)
def test_a_manifest_of_another_kind_is_refused(
    image: ApplianceManifest, tmp_path: Path, change: dict[str, object], said: str
) -> None:
    path = tmp_path / APPLIANCE_MANIFEST_NAME
    path.write_text(json.dumps({**image.model_dump(), **change}))
    with pytest.raises(Failure, match=said):
        read_appliance_manifest(path)
