"""Hosts in the dashboard, with real Agents of simulated machines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.joining import read_join_string
from manager.access.role import Role
from tests.integration.dashboard.browser import DESKTOP, Browser
from tests.integration.dashboard.people import Program, become
from tests.lab.platform import LabHost, LabManager, wait_for

MARK = "window.thisVeryPage"


@pytest.fixture(autouse=True)
def admin(manager: LabManager, browser: Browser) -> None:
    become(browser, manager, Role.ADMIN)
    browser.size(*DESKTOP)


@pytest.fixture(scope="module")
def running(manager: LabManager, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabHost]:
    host = LabHost(Path(tmp_path_factory.mktemp("hosts")), "node1.lab", domains=3)
    host.join(manager.address, manager.make_token())
    host.start()
    wait_for(lambda: manager.state_of("node1.lab") == "running", 30, "the host is running")
    yield host
    host.end()


def test_a_host_joins_with_the_string_that_is_shown_and_appears_by_itself(
    browser: Browser, manager: LabManager, tmp_path: Path
) -> None:
    browser.open("/hosts")
    browser.until_text("No host has joined yet.")
    browser.press("Add a host")
    browser.fill(note="rack 3")
    browser.press("Create the join string")
    line = browser.one("#join-string").text
    join = read_join_string(line)
    assert (join.manager.port, join.manager.fingerprint) == (
        manager.https,
        manager.address.fingerprint,
    )
    browser.until_text("rack 3")
    browser.open("/hosts/join")
    assert not browser.has("#join-string"), "it is shown once"

    browser.open("/hosts")
    browser.driver.execute_script(f"{MARK} = true")
    browser.until(lambda: browser.value("document.body.dataset.stream") == "open", "the stream")
    host = LabHost(tmp_path, "node0.lab")
    host.join(join.manager, join.token)
    browser.until_text("node0.lab")
    browser.until_text("Its Agent has not been heard of yet.")
    host.start()
    try:
        browser.until(lambda: "Running" in browser.one("#hosts").text, "the host's new state")
    finally:
        host.end()
    assert browser.value(MARK) is True, "the page was loaded anew"
    browser.open("/hosts/join")
    assert "rack 3" not in browser.text, "what was used cannot be used again"


def test_a_token_can_be_revoked(browser: Browser) -> None:
    browser.open("/hosts/join")
    browser.fill(note="a mistake")
    browser.press("Create the join string")
    browser.press("Revoke")
    browser.until_text("The token was revoked")
    assert "a mistake" not in browser.text


def test_an_address_that_is_none_is_told_and_stays(browser: Browser) -> None:
    browser.open("/hosts/join")
    browser.fill(address="no such place!")
    browser.press("Create the join string")
    browser.until_text("is not an address of a Manager")
    assert browser.one("#address").get_attribute("value") == "no such place!"


def test_a_host_goes_into_maintenance_and_back(
    browser: Browser, manager: LabManager, running: LabHost
) -> None:
    browser.open("/hosts")
    browser.press("node1.lab")
    path = browser.path
    browser.one("main summary").click()
    browser.fill(reason="new disks")
    browser.press("Begin maintenance")
    browser.until_text("Put node1.lab into maintenance")
    browser.until(lambda: "Done" in browser.one("#task").text, "the end of the task")
    browser.open(path)
    browser.until_text("new disks")
    browser.press("Back into service")
    browser.until(lambda: "Done" in browser.one("#task").text, "the end of the task")
    assert manager.state_of("node1.lab") == "running"


def test_load_is_drawn_as_it_comes(browser: Browser, running: LabHost, manager: LabManager) -> None:
    row = manager.host("node1.lab")
    assert row is not None
    browser.open(f"/hosts/{row.id}")
    browser.until(lambda: browser.has("#graphs .trace"), "a graph")
    assert browser.one("#graphs svg").get_attribute("aria-label") == "CPU in the last hour"


def test_a_host_gets_another_name_and_a_taken_one_is_refused(
    browser: Browser, running: LabHost, manager: LabManager
) -> None:
    row = manager.host("node1.lab")
    assert row is not None
    browser.open(f"/hosts/{row.id}")
    browser.fill(name="node0.lab", description="kept as typed")
    browser.press("Save")
    browser.until_text("There is a host node0.lab already.")
    assert browser.one("#description").get_attribute("value") == "kept as typed"
    browser.fill(name="node1.lab", description="In the cellar")
    browser.press("Save")
    browser.until_text("In the cellar")


def test_who_only_reads_sees_the_host_and_no_button(
    browser: Browser, running: LabHost, manager: LabManager
) -> None:
    become(browser, manager, Role.READ_ONLY)
    row = manager.host("node1.lab")
    assert row is not None
    browser.open(f"/hosts/{row.id}")
    browser.until_text("About this host")
    assert not browser.has("main form")
    browser.open("/hosts")
    assert not browser.has('a[href="/hosts/join"]')
    for path in (f"/hosts/{row.id}/remove", "/hosts/join", f"/hosts/{row.id}/maintenance"):
        answer = Program(manager, Role.READ_ONLY).send("POST", path, data={"reason": "x"})
        assert answer.status_code == 403


def test_the_overview_says_what_needs_attention(
    browser: Browser, running: LabHost, manager: LabManager
) -> None:
    Program(manager, Role.ADMIN).send(
        "POST", "/settings/hosts", data={"hosts-bridges": "classroom", "hosts-silence": "60"}
    )
    browser.open("/")
    browser.until_text("The bridge “classroom” is missing.")
    assert browser.one(".figure .value").text.endswith("of 2")


def test_a_host_that_is_away_is_removed_only_by_force(
    browser: Browser, manager: LabManager
) -> None:
    row = manager.host("node0.lab")
    assert row is not None
    browser.open(f"/hosts/{row.id}")
    browser.until(
        lambda: [e for e in browser.driver.find_elements("css selector", "summary")
                 if e.text == "Remove…"], "the button"
    )[0].click()  # fmt: skip
    browser.press("Remove the host")
    browser.until_text("is not connected, so it cannot be told.")
    browser.until(
        lambda: [e for e in browser.driver.find_elements("css selector", "summary")
                 if e.text == "Remove…"], "the button"
    )[0].click()  # fmt: skip
    browser.one('[name="force"]').click()
    browser.press("Remove the host")
    browser.until_text("The host was removed from the platform")
    assert manager.host("node0.lab") is None
