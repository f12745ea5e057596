"""Changing settings, and who may not."""

from __future__ import annotations

from manager.access.role import Role
from tests.integration.dashboard.browser import Browser
from tests.integration.dashboard.people import Program, become
from tests.lab.platform import LabManager


def test_a_wrong_value_is_told_and_what_was_typed_stays(
    browser: Browser, manager: LabManager
) -> None:
    become(browser, manager, Role.ADMIN)
    browser.open("/settings")
    browser.fill(**{"sessions-idle_minutes": "2"})
    browser.one("section[aria-labelledby=sessions] button.first").click()
    browser.until_text("Nothing was changed.")
    field = browser.one('[name="sessions-idle_minutes"]')
    assert field.get_attribute("value") == "2"
    assert field.get_attribute("aria-invalid") == "true"
    browser.fill(**{"sessions-idle_minutes": "20"})
    browser.one("section[aria-labelledby=sessions] button.first").click()
    browser.until_text("The settings are saved, and in force.")
    browser.open("/settings")
    assert browser.one('[name="sessions-idle_minutes"]').get_attribute("value") == "20"


def test_who_only_reads_is_offered_no_settings_and_is_refused(
    browser: Browser, manager: LabManager
) -> None:
    become(browser, manager, Role.READ_ONLY)
    browser.open("/about")
    assert not browser.has('a[href="/settings"]')
    browser.open("/settings")
    browser.until_text("The role read-only may not do this.")
    refused = Program(manager, Role.READ_ONLY).send("POST", "/settings/sessions", data={})
    assert refused.status_code == 403
