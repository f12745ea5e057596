"""A small medium for the tests of what is done to finished ISOs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.unit.iso.small_medium import make_small_medium


@pytest.fixture(scope="session")
def pristine_medium(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_small_medium(tmp_path_factory.mktemp("medium"))


@pytest.fixture
def medium(pristine_medium: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copy(pristine_medium, tmp_path / "medium.iso"))
