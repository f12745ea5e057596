"""People of a real directory (slapd) at the door of the dashboard, in real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pyotp
import pytest

from manager.access.preferences import PasswordPreferences, SecondFactorPreferences
from manager.preferences.group import PreferenceGroup
from tests.integration.dashboard.browser import DESKTOP, PHONE, Browser
from tests.integration.directory import slapd_lab
from tests.integration.directory.slapd_lab import PASSWORD, Slapd, group_dn
from tests.lab.certificate_authority import CertificateAuthority
from tests.lab.platform import LabManager

pytestmark = pytest.mark.skipif(bool(slapd_lab.missing_programs()), reason="slapd is not installed")


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    server = Slapd(tmp_path_factory.mktemp("slapd"), CertificateAuthority("Example Root"))
    server.load(slapd_lab.everybody())
    server.start()
    yield server
    server.end()


@pytest.fixture(scope="module")
def administrator(manager: LabManager) -> Iterator[httpx.Client]:
    """An administrator of the Manager's own: what is required of directories is not meant."""
    with manager.signed_in() as client:
        yield client


@pytest.fixture(scope="module", autouse=True)
def directory(manager: LabManager, slapd: Slapd, administrator: httpx.Client) -> str:
    """The directory, whose groups give roles: nested staff are auditors, the big one reads."""
    settings = {
        "name": "example.org",
        "kind": "openldap",
        "servers": [slapd.ldaps],
        "ca": slapd.authority.pem,
        "bind_user": slapd_lab.MANAGER,
        "base": slapd_lab.SUFFIX,
        "roles": [
            {"group": group_dn("everyone"), "role": "operator"},
            {"group": group_dn("above big"), "role": "read-only"},
            {"group": group_dn("posix"), "role": "auditor"},
            {"group": group_dn("odd\\, people (*)"), "role": "operator"},
        ],
    }
    body = {"settings": settings, "bind_password": slapd_lab.MANAGER_PASSWORD}
    kept = administrator.request("POST", "/api/v1/directories", json=body)
    assert kept.status_code == 201, kept.text
    return str(kept.json()["id"])


def set_to(administrator: httpx.Client, **groups: PreferenceGroup) -> None:
    for group in groups.values():
        values = group.model_dump(mode="json")
        answer = administrator.request("PATCH", f"/api/v1/settings/{group.NAME}", json=values)
        assert answer.status_code == 200, answer.text


@pytest.fixture(autouse=True)
def at_the_door(browser: Browser, administrator: httpx.Client) -> Iterator[None]:
    browser.driver.delete_all_cookies()
    browser.size(*DESKTOP)
    browser.open("/sign-in")
    yield
    set_to(administrator, factor=SecondFactorPreferences(), password=PasswordPreferences())


def enter(browser: Browser, name: str, password: str = PASSWORD, code: str = "") -> None:
    browser.fill(name=name, password=password)
    if code:
        browser.fill(code=code)
    browser.one("main form button.first").click()


def entries(browser: Browser) -> list[str]:
    found = browser.driver.find_elements("css selector", "nav.side li a")
    return [each.get_attribute("href").removeprefix(browser.url) for each in found]


@pytest.mark.parametrize(
    ("name", "role", "sees", "lacks"),
    [
        ("alice", "operator", "/tasks", "/administrators"),
        ("user0042", "read-only", "/hosts", "/audit"),
        ("bob", "auditor", "/audit", "/settings"),
        ("star*(1)", "operator", "/tasks", "/settings"),
        ("odd*(name)\\", "operator", "/tasks", "/settings"),
    ],
)
def test_a_person_is_what_their_groups_make_them(
    browser: Browser, name: str, role: str, sees: str, lacks: str
) -> None:
    """By nested groups, one of 1,500 members, a POSIX one, one with odd characters."""
    enter(browser, name)
    browser.until(lambda: browser.path == "/", "the overview")
    assert sees in entries(browser) and lacks not in entries(browser)
    browser.open("/account")
    browser.until_text(role)
    assert "Your password is changed in the directory." in browser.text
    assert not browser.has('[name="current"]'), "there is no password here to change"
    browser.open("/hosts/join")
    allowed = role == "operator"
    assert browser.has('[name="minutes"]') is allowed
    if not allowed:
        browser.until_text(f"The role {role} may not do this.")


def test_who_has_no_role_is_told_so_and_nothing_of_the_directory(browser: Browser) -> None:
    enter(browser, "nobody")
    browser.until(lambda: browser.has("#answer .notice"), "an answer")
    assert browser.path == "/sign-in"
    assert slapd_lab.SUFFIX not in browser.text


@pytest.mark.parametrize(
    ("name", "password"),
    [("alice", "wrong horse"), ("no such person", PASSWORD), ("twin", PASSWORD)],
)
def test_a_wrong_password_and_a_wrong_name_look_alike(
    browser: Browser, name: str, password: str
) -> None:
    enter(browser, name, password)
    browser.until_text("Name or password are not right.")
    assert browser.one('[name="name"]').get_attribute("value") == name
    assert browser.path == "/sign-in"


def test_an_account_that_the_directory_has_locked_tells_a_stranger_nothing(
    browser: Browser,
) -> None:
    enter(browser, "shut")
    browser.until_text("Name or password are not right.")


def test_a_password_that_must_be_changed_is_told_to_its_owner(browser: Browser) -> None:
    enter(browser, "fresh")
    browser.until(lambda: browser.has("#answer .notice"), "an answer")
    assert "directory" in browser.text.lower() and "password" in browser.text.lower()


def test_guessing_at_a_persons_password_is_slowed_down(
    browser: Browser, administrator: httpx.Client
) -> None:
    set_to(administrator, password=PasswordPreferences(failures_before_wait=3))
    for attempt in range(5):
        enter(browser, "user0001", f"guess {attempt}")
        browser.until(
            lambda: browser.has("#answer .notice") and not browser.has("[aria-busy]"), "an answer"
        )
        if "too many failed attempts" in browser.text:
            break
    else:
        pytest.fail("nobody was told to wait")
    assert "Wait " in browser.text and " s and try again." in browser.text
    browser.size(*PHONE, phone=True)
    wide = browser.value("document.documentElement.scrollWidth")
    assert wide <= PHONE[0], "it is read on a telephone without moving sideways"
    enter(browser, "user0001")
    browser.until_text("too many failed attempts")
    assert browser.path == "/sign-in", "the right password does not help before"


def begin_factor(browser: Browser) -> str:
    """From the own page to the codes; the secret."""
    browser.fill(password=PASSWORD)
    browser.press("Begin")
    secret: str = browser.one("#factor-secret").text or browser.one("#factor-secret").get_attribute(
        "value"
    )
    assert browser.has(".seal svg"), "a QR code"
    browser.fill(code=pyotp.TOTP(secret).now())
    browser.press("Turn the second factor on")
    browser.until_text("Your recovery codes")
    return secret


def test_a_second_factor_is_set_up_at_the_first_sign_in_where_it_is_required(
    browser: Browser, administrator: httpx.Client, tmp_path: Path
) -> None:
    set_to(administrator, factor=SecondFactorPreferences(people_of_directories=True))
    enter(browser, "user0002")
    browser.until_text("You must have a second factor.")
    assert browser.path.startswith("/account")
    browser.open("/hosts")
    browser.until(lambda: browser.path.startswith("/account"), "nothing else is open")
    begin_factor(browser)
    codes = browser.one("#recovery-codes").text.split()
    assert len(codes) == 10
    browser.open("/hosts")
    assert browser.path == "/hosts"

    browser.driver.delete_all_cookies()
    browser.open("/sign-in")
    enter(browser, "user0002")
    browser.one('[name="code"]')
    enter(browser, "user0002", code="000000")
    browser.until_text("The one-time code is not right.")
    enter(browser, "user0002", code=codes[0])
    browser.until(lambda: browser.path == "/", "the overview")

    factors = administrator.request("GET", "/api/v1/second-factors").json()["items"]
    assert [each["name"] for each in factors] == ["user0002"]


def test_the_bind_password_is_on_no_page(
    browser: Browser, administrator: httpx.Client, directory: str
) -> None:
    page = administrator.request("GET", f"/directories/{directory}")
    assert page.status_code == 200
    assert slapd_lab.MANAGER_PASSWORD not in page.text
