"""What the host tells of the image it was made from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from host.backends.real import backend
from host.backends.real.backend import RealHost

RELEASE = {"product": "flexVDI host", "version": "1.2.3", "displays": ["vnc"]}


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "release.json"
    monkeypatch.setattr(backend, "_RELEASE", path)
    return path


def test_product_version_and_displays_are_the_image_s(release: Path) -> None:
    release.write_text(json.dumps(RELEASE))
    identity = RealHost().identity()
    assert (identity.product, identity.version) == ("flexVDI host", "1.2.3")
    assert identity.displays == ("vnc",)


@pytest.mark.parametrize("text", [None, "", "[]", '{"product": "flexVDI host"}', "{damaged"])
def test_a_system_that_is_no_image_claims_no_displays(release: Path, text: str | None) -> None:
    if text is not None:
        release.write_text(text)
    identity = RealHost().identity()
    assert (identity.product, identity.version) == ("flexVDI", "development")
    assert identity.displays is None
