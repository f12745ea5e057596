"""What the tests of RPM-based builds start from: a distribution made once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.iso.el_distribution import Distribution, make_distribution
from tests.lab.rpm_repository import forget_key


@pytest.fixture(scope="session")
def distribution(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Distribution]:
    made = make_distribution(tmp_path_factory.mktemp("distribution"))
    yield made
    for key in (made.key, made.other_key):
        forget_key(key)
