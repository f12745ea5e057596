"""Every page of the menu in real Chromium: fits a phone, keeps the policy, goes by keyboard."""

from __future__ import annotations

import pytest

from manager.access.role import Role
from manager.web.drawing.menu import MENU
from tests.integration.dashboard.browser import DESKTOP, ENTER, PHONE, TAB, Browser
from tests.integration.dashboard.people import Program, become
from tests.lab.platform import LabManager, wait_for

PATHS = [*(entry.path for group in MENU for entry in group.entries), "/account"]
_CUT = (
    "[...document.querySelectorAll('.table')].map(each => each.scrollWidth > each.clientWidth + 1)"
)


@pytest.fixture(scope="module", autouse=True)
def lived_in(manager: LabManager) -> None:
    """A Manager with something to show: a backup, its task, and what the audit log says of it."""
    somebody = Program(manager, Role.ADMIN)
    assert somebody.send("POST", "/api/v1/backups").status_code == 202
    wait_for(
        lambda: somebody.send("GET", "/api/v1/backups").json()["items"], 60, "there is a backup"
    )


@pytest.fixture(autouse=True)
def admin(manager: LabManager, browser: Browser) -> None:
    become(browser, manager, Role.ADMIN)
    browser.size(*DESKTOP)
    browser.prefer("light")


@pytest.mark.parametrize("path", PATHS)
def test_a_page_fits_a_phone_and_keeps_the_policy(browser: Browser, path: str) -> None:
    browser.complaints()
    for size, phone in ((DESKTOP, False), (PHONE, True), ((320, 640), True)):
        browser.size(*size, phone=phone)
        browser.open(path)
        assert browser.one("h1").is_displayed()
        assert browser.value("document.documentElement.scrollWidth") <= size[0]
        if phone:
            # Nothing of a list is behind its edge: long names of files and identities break.
            assert not any(browser.value(_CUT))
    assert browser.complaints() == []


def test_dark_and_light_follow_the_system_and_the_switch(browser: Browser) -> None:
    def ground() -> str:
        return str(browser.value("getComputedStyle(document.documentElement).backgroundColor"))

    browser.open("/about")
    light = ground()
    browser.prefer("dark")
    dark = ground()
    assert light != dark
    browser.one("[data-theme-switch]").click()
    assert ground() == light
    browser.open("/about")
    assert ground() == light, "what was chosen is kept"
    browser.one("[data-theme-switch]").click()
    assert ground() == dark
    browser.driver.delete_cookie("flexvdi_theme")


def test_the_keyboard_skips_to_the_content(browser: Browser) -> None:
    browser.open("/about")
    browser.key(TAB)
    assert browser.value("document.activeElement.textContent") == "Skip to the content"
    link = browser.driver.switch_to.active_element
    browser.until(link.is_displayed, "the link, which slides in")
    browser.key(ENTER)
    browser.until(lambda: browser.value("document.activeElement.id") == "content", "the content")


def test_the_keyboard_reaches_everything_and_shows_where_it_is(browser: Browser) -> None:
    browser.open("/about")
    wanted = int(
        browser.value(
            "[...document.querySelectorAll('a[href], button, summary')]"
            ".filter(each => each.checkVisibility({visibilityProperty: true})).length"
        )
    )
    seen = set()
    for _step in range(wanted):
        browser.key(TAB)
        seen.add(browser.value("document.activeElement.outerHTML"))
        outline = browser.value("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", browser.value("document.activeElement.outerHTML")
    assert len(seen) == wanted


def test_the_menu_of_the_person_opens_and_closes_by_keyboard(browser: Browser) -> None:
    browser.open("/about")
    browser.driver.execute_script("document.querySelector('.person summary').focus()")
    browser.key(ENTER)
    assert browser.one(".person > div").is_displayed()
    browser.key("\ue00c")  # Escape
    assert not browser.has(".person[open]")
    assert browser.value("document.activeElement.tagName") == "SUMMARY"


def test_on_a_phone_the_menu_opens_over_the_page(browser: Browser) -> None:
    browser.size(*PHONE, phone=True)
    browser.open("/about")
    assert not browser.one(".side").is_displayed()
    browser.one(".menu-open").click()
    browser.until(lambda: browser.one(".side").is_displayed(), "the menu")
    browser.one(".menu-close").click()
    browser.until(lambda: not browser.one(".side").is_displayed(), "no menu")
