"""The Manager's image on its way from the medium to the new host."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from foundation.appliance_manifest import APPLIANCE_FOLDER
from foundation.failure import Cancelled, Failure
from foundation.kernel_command_line import KernelCommandLine
from foundation.manifest import measure
from installer.engine.simulation import simulated_manifest
from installer.engine.step import InstallContext
from installer.target.manager_image import copy_manager_image
from tests.lab.serving import GATEWAY, serving

IMAGE = bytes(range(256)) * 9000


@pytest.fixture
def medium(tmp_path: Path) -> Path:
    folder = tmp_path / "medium/flexvdi"
    folder.mkdir(parents=True)
    (folder / "manager.qcow2").write_bytes(IMAGE)
    (folder / "manager-image.json").write_text("{}")
    return tmp_path / "medium"


def context_of(medium: Path, tmp_path: Path) -> InstallContext:
    """The little of a context that the step looks at."""
    names = ("flexvdi/manager.qcow2", "flexvdi/manager-image.json")
    manifest = simulated_manifest()
    manifest = manifest.model_copy(
        update={
            "artefacts": {
                **manifest.artefacts,
                **{name: measure(medium / name) for name in names},
            },
            "manager_image": names[1],
        }
    )
    nothing: Any = None
    return InstallContext(
        plan=nothing,
        machine=nothing,
        layout=nothing,
        medium=medium,
        manifest=manifest,
        release=nothing,
        kernel_command_line=KernelCommandLine.parse(""),
        target=tmp_path / "target",
    )


def copied(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "target" / APPLIANCE_FOLDER).iterdir())


def test_the_image_and_its_manifest_arrive_with_progress(medium: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    context = replace(context_of(medium, tmp_path), progress=lambda *both: seen.append(both))
    copy_manager_image(context)
    copy_manager_image(context)
    assert copied(tmp_path) == ["manager-image.json", "manager.qcow2"]
    assert (tmp_path / "target" / APPLIANCE_FOLDER / "manager.qcow2").read_bytes() == IMAGE
    assert seen[0][0] > 0 and seen[-1] == (len(IMAGE) + 2, len(IMAGE) + 2)


def test_a_medium_without_one_installs_a_host_without_one(medium: Path, tmp_path: Path) -> None:
    context = replace(context_of(medium, tmp_path), manifest=simulated_manifest())
    copy_manager_image(context)
    assert not (tmp_path / "target").exists()
    assert simulated_manifest().needed_size == simulated_manifest().unpacked_size


def test_its_size_is_part_of_what_a_host_needs(medium: Path, tmp_path: Path) -> None:
    manifest = context_of(medium, tmp_path).manifest
    assert manifest.needed_size == manifest.unpacked_size + len(IMAGE) + 2


def test_a_damaged_image_leaves_none_behind(medium: Path, tmp_path: Path) -> None:
    context = context_of(medium, tmp_path)
    (medium / "flexvdi/manager.qcow2").write_bytes(IMAGE[:-1] + b"x")
    with pytest.raises(Failure, match="SHA-256"):
        copy_manager_image(context)
    assert copied(tmp_path) == []


def test_a_missing_image_is_told(medium: Path, tmp_path: Path) -> None:
    context = context_of(medium, tmp_path)
    (medium / "flexvdi/manager.qcow2").unlink()
    with pytest.raises(Failure, match=r"could not be copied: No such file"):
        copy_manager_image(context)


def test_cancelling_stops_it(medium: Path, tmp_path: Path) -> None:
    cancel = Event()
    cancel.set()
    with pytest.raises(Cancelled):
        copy_manager_image(replace(context_of(medium, tmp_path), cancel=cancel))
    assert copied(tmp_path) == []


def test_after_a_network_boot_it_comes_from_the_server(medium: Path, tmp_path: Path) -> None:
    context = context_of(medium, tmp_path)
    with serving(medium) as served:
        address = served.url.replace(GATEWAY, "127.0.0.1").rstrip("/")
        elsewhere = replace(context, medium=tmp_path / "nothing", medium_address=address)
        copy_manager_image(elsewhere)
        (medium / "flexvdi/manager.qcow2").unlink()
        with pytest.raises(Failure, match="could not be fetched"):
            copy_manager_image(elsewhere)
    assert (tmp_path / "target" / APPLIANCE_FOLDER / "manager.qcow2").read_bytes() == IMAGE
