"""One Manager and one browser for a module of tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.dashboard.browser import Browser, chromium
from tests.integration.dashboard.people import url_of
from tests.lab.platform import LabManager


@pytest.fixture(scope="module")
def manager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabManager]:
    manager = LabManager(Path(tmp_path_factory.mktemp("manager")))
    manager.start()
    try:
        manager.wait_until_ready()
        yield manager
    finally:
        manager.end()


@pytest.fixture(scope="module")
def browser(manager: LabManager) -> Iterator[Browser]:
    with chromium(url_of(manager)) as browser:
        yield browser


@pytest.fixture(autouse=True)
def policy_is_kept(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test does, no page asks for what our Content-Security-Policy forbids."""
    yield
    if "browser" in request.fixturenames:
        browser: Browser = request.getfixturevalue("browser")
        said = [each for each in browser.complaints() if "Content Security Policy" in each]
        assert said == []
