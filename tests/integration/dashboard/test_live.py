"""What others do appears without a reload."""

from __future__ import annotations

import pytest

from manager.access.role import Role
from tests.integration.dashboard.browser import Browser
from tests.integration.dashboard.people import Program, become
from tests.lab.platform import LabManager

MARK = "window.thisVeryPage"


@pytest.fixture(autouse=True)
def admin(manager: LabManager, browser: Browser) -> None:
    become(browser, manager, Role.ADMIN)


def test_an_event_appears_as_it_happens(browser: Browser, manager: LabManager) -> None:
    browser.open("/events")
    browser.driver.execute_script(f"{MARK} = true")
    browser.until(lambda: browser.value("document.body.dataset.stream") == "open", "the stream")
    answer = Program(manager, Role.ADMIN).send(
        "POST",
        "/settings/sessions",
        data={"sessions-idle_minutes": "45", "sessions-absolute_hours": "12"},
    )
    assert answer.status_code == 303
    browser.until_text("The settings sessions were changed by somebody else.")
    assert browser.value(MARK) is True, "the page was loaded anew"


def test_a_task_appears_and_ends_without_a_reload(browser: Browser, manager: LabManager) -> None:
    browser.open("/tasks")
    browser.driver.execute_script(f"{MARK} = true")
    browser.until(lambda: browser.value("document.body.dataset.stream") == "open", "the stream")
    answer = Program(manager, Role.ADMIN).send("POST", "/api/v1/backups")
    assert answer.status_code == 202
    task = answer.json()["task"]
    browser.until(lambda: browser.has(f'#tasks a[href="/tasks/{task}"]'), "the task")
    browser.until(lambda: "Done" in browser.one("#tasks").text, "the end of the task")
    assert browser.value(MARK) is True, "the page was loaded anew"


def test_a_page_goes_on_by_itself_when_the_manager_is_back(
    browser: Browser, manager: LabManager
) -> None:
    browser.open("/events")
    browser.driver.execute_script(f"{MARK} = true")
    browser.until(lambda: browser.value("document.body.dataset.stream") == "open", "the stream")
    manager.kill()
    browser.until(lambda: browser.value("document.body.dataset.stream") == "away", "its absence")
    manager.start()
    manager.wait_until_ready()
    browser.until(lambda: browser.value("document.body.dataset.stream") == "open", "its return")
    Program(manager, Role.ADMIN).send(
        "POST",
        "/settings/sessions",
        data={"sessions-idle_minutes": "50", "sessions-absolute_hours": "12"},
    )
    browser.until(
        lambda: browser.one("#events").text.count("The settings sessions were changed") == 2,
        "what happened since",
    )
    assert browser.value(MARK) is True, "the page was loaded anew"
