"""Directories in the dashboard: a test that says what is wrong, keeping, ordering, removing."""

from __future__ import annotations

import pytest

from manager.access.role import Role
from tests.integration.dashboard.browser import DESKTOP, Browser
from tests.integration.dashboard.people import become
from tests.lab.platform import LabManager
from tests.lab.sockets import free_port

PASSWORD = "the searching account's own"


@pytest.fixture(autouse=True)
def admin(manager: LabManager, browser: Browser) -> None:
    become(browser, manager, Role.ADMIN)
    browser.size(*DESKTOP)


def fill(browser: Browser, name: str) -> None:
    browser.open("/directories/new")
    browser.fill(
        name=name,
        servers=f"127.0.0.1:{free_port()}",
        bind_user="cn=manager,dc=example,dc=org",
        bind_password=PASSWORD,
        base="dc=example,dc=org",
    )


def test_the_test_says_what_is_wrong_and_what_was_typed_stays(browser: Browser) -> None:
    fill(browser, "school")
    browser.one('[data-into="test"]').click()
    browser.until(lambda: browser.has("#test .checks .bad"), "a check that failed")
    failed = browser.one("#test .checks .bad").text
    assert "127.0.0.1" in failed
    assert len(failed.splitlines()) > 1, "there is a remedy"
    assert browser.one('[name="bind_password"]').get_attribute("value") == PASSWORD
    browser.press("Add the directory")
    browser.until_text("The directory is kept.")
    assert PASSWORD not in browser.driver.page_source


def test_what_cannot_be_meant_is_told_at_its_field(browser: Browser) -> None:
    fill(browser, "Not A Name")
    browser.press("Add the directory")
    browser.until(lambda: browser.has('[name="name"][aria-invalid="true"]'), "the field")
    assert browser.one('[name="base"]').get_attribute("value") == "dc=example,dc=org"
    assert browser.one('[name="bind_password"]').get_attribute("value") == ""


def test_a_second_one_is_asked_earlier(browser: Browser) -> None:
    fill(browser, "company")
    browser.press("Add the directory")
    browser.open("/directories")
    browser.press("Ask earlier")
    browser.until_text("The directories are asked in this order from now on.")
    rows = browser.until(
        lambda: [row.text for row in browser.driver.find_elements("css selector", "tbody tr")],
        "the directories",
    )
    assert rows[0].startswith("company") and rows[1].startswith("school")


def test_a_directory_is_removed(browser: Browser) -> None:
    browser.open("/directories")
    browser.press("school")
    browser.one("main .page-head summary").click()
    browser.press("Remove the directory")
    browser.until_text("The directory was removed")
    assert "school" not in browser.one("#directories").text
