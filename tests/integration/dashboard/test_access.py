"""First start, signing in, accounts and administrators, in real Chromium."""

from __future__ import annotations

import re

import pyotp
import pytest

from tests.integration.dashboard.browser import DESKTOP, Browser
from tests.lab.platform import LabManager

PASSWORD = "correct horse battery staple"
OTHER = "another long pass phrase"


@pytest.fixture(scope="module", autouse=True)
def whole(browser: Browser) -> None:
    browser.size(*DESKTOP)


def sign_out(browser: Browser) -> None:
    browser.driver.delete_all_cookies()


def sign_in(browser: Browser, name: str, password: str) -> None:
    browser.open("/sign-in")
    browser.fill(name=name, password=password)
    browser.one("main form button.first").click()


def test_the_first_start_asks_for_the_secret(browser: Browser, manager: LabManager) -> None:
    browser.open("/")
    assert browser.path == "/setup"
    assert manager.address.fingerprint == browser.one("#fingerprint").text.replace(":", "").lower()
    browser.fill(secret="guessed", name="ana", password=PASSWORD, again=PASSWORD)
    browser.one("main form button.first").click()
    browser.until_text("The setup secret is not right.")
    assert browser.one('[name="name"]').get_attribute("value") == "ana"
    secret = (manager.settings.state / "setup-secret").read_text().strip()
    browser.fill(secret=secret, password="short", again="short")
    browser.one("main form button.first").click()
    browser.until_text("fewer than 12 characters")
    browser.fill(password=PASSWORD, again=OTHER)
    browser.one("main form button.first").click()
    browser.until_text("The two passwords differ.")
    browser.fill(again=PASSWORD)
    browser.press("Create the administrator")
    browser.until_text("You are the first administrator.")
    assert browser.path.startswith("/account")
    assert browser.complaints() == []


def test_a_wrong_password_is_told_in_place_and_a_right_one_leads_on(browser: Browser) -> None:
    sign_out(browser)
    browser.open("/tasks?state=done")
    assert browser.path.startswith("/sign-in")
    browser.fill(name="ana", password="not this one")
    browser.one("main form button.first").click()
    browser.until_text("Name or password are not right.")
    assert browser.one('[name="name"]').get_attribute("value") == "ana"
    browser.fill(password=PASSWORD)
    browser.one("main form button.first").click()
    browser.until(lambda: browser.path == "/tasks?state=done", "what was wanted at first")


def test_signing_in_goes_on_to_no_other_site(browser: Browser, manager: LabManager) -> None:
    sign_out(browser)
    browser.open("/sign-in?next=//example.org/")
    browser.fill(name="ana", password=PASSWORD)
    browser.one("main form button.first").click()
    browser.until(lambda: browser.path == "/", "the overview")


def test_a_second_factor_is_set_up_and_asked_for(browser: Browser) -> None:
    browser.open("/account")
    section = 'section[aria-labelledby="factor"]'
    browser.one(f'{section} [name="password"]').send_keys(PASSWORD)
    browser.press("Begin")
    seal = "document.querySelector('.seal svg')"
    drawn = browser.value(f"{seal}.getBoundingClientRect().width")
    assert drawn >= float(browser.one(".seal svg").get_attribute("width") or "inf"), "it is cut"
    assert browser.value("document.documentElement.scrollWidth") <= DESKTOP[0]
    totp = pyotp.TOTP(browser.one("#factor-secret").text)
    browser.fill(code="000000")
    browser.press("Turn the second factor on")
    browser.until_text("This code is not right.")
    browser.fill(code=totp.now())
    browser.press("Turn the second factor on")
    codes = browser.one("#recovery-codes").text.split()
    assert len(codes) >= 8

    sign_out(browser)
    sign_in(browser, "ana", PASSWORD)
    browser.until(lambda: browser.has('[name="code"]'), "the field for the code")
    assert browser.one('[name="password"]').get_attribute("value") == PASSWORD, "typed once"
    browser.fill(code="123456")
    browser.one("main form button.first").click()
    browser.until_text("The one-time code is not right.")
    browser.fill(code=codes[0])
    browser.one("main form button.first").click()
    browser.until(lambda: browser.path == "/", "the overview")

    browser.open("/account")
    browser.until_text(f"{len(codes) - 1} recovery codes are left.")
    browser.one(f"{section} summary").click()
    browser.one(f'{section} [name="password"]').send_keys(PASSWORD)
    browser.press("Turn it off")
    browser.until_text("Your account has no second factor any more.")


def test_an_administrator_is_added_and_must_choose_a_password(browser: Browser) -> None:
    browser.open("/administrators")
    browser.fill(name="bea", full_name="Bea Lahoz", password=PASSWORD)
    browser.press("Create")
    browser.until_text("Bea Lahoz")
    sign_out(browser)
    sign_in(browser, "bea", PASSWORD)
    browser.until(lambda: browser.path == "/account", "the account")
    browser.until_text("Somebody else knows your password.")
    browser.open("/hosts")
    assert browser.path == "/account", "nothing else is open yet"
    browser.fill(current=PASSWORD, new=OTHER, again=OTHER)
    browser.press("Change the password")
    browser.until_text("Your password is changed")
    browser.open("/hosts")
    assert browser.path == "/hosts"
    assert not browser.has('a[href="/administrators"]'), "an operator manages no administrators"
    browser.open("/administrators")
    browser.until_text("The role operator may not do this.")


def test_an_api_token_is_shown_once_and_revoked(browser: Browser) -> None:
    browser.open("/account")
    browser.fill(token_name="backup script")
    browser.press("Create a token")
    token = browser.one("#api-token").text
    assert re.fullmatch(r"flexvdi_\S{40,}", token)
    browser.open("/account")
    assert token not in browser.driver.page_source
    browser.until_text("backup script")
    browser.press("Revoke")
    browser.until_text("The token works no more.")


def test_the_last_administrator_stays(browser: Browser) -> None:
    sign_out(browser)
    sign_in(browser, "ana", PASSWORD)
    browser.until(lambda: browser.path == "/", "the overview")
    browser.open("/administrators")
    browser.press("ana")
    path = browser.path
    browser.one("main summary").click()
    browser.press("Remove the administrator")
    browser.until(lambda: browser.has(".notice.bad"), "a refusal")
    browser.open(path)
    browser.until_text("Password and second factor")


def test_a_session_is_ended_from_elsewhere(browser: Browser) -> None:
    browser.open("/administrators")
    rows = 'section[aria-labelledby="sessions"] tbody tr'
    browser.click("button", within=rows, words="bea")
    browser.until_text("The session has ended.")


def test_what_was_done_is_in_the_audit_log(browser: Browser) -> None:
    browser.open("/audit?action=administrator.")
    browser.until_text("administrator.create")
    assert PASSWORD not in browser.driver.page_source
    browser.open("/audit?result=refused")
    browser.until_text("wrong password")


def test_signing_out_ends_it(browser: Browser) -> None:
    browser.open("/about")
    browser.one(".person summary").click()
    browser.one('form[action="/sign-out"] button').click()
    browser.until_text("You are signed out.")
    browser.open("/about")
    assert browser.path.startswith("/sign-in")


def test_guessing_is_slowed_down(browser: Browser) -> None:
    browser.open("/sign-in")
    for attempt in range(12):
        browser.fill(name="nobody", password=f"guess {attempt}")
        browser.one("main form button.first").click()
        browser.until(
            lambda: browser.has("#answer .notice") and not browser.has("[aria-busy]"), "an answer"
        )
        if "too many failed attempts" in browser.text:
            break
    else:
        pytest.fail("nobody was told to wait")
