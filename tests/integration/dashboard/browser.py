"""Chromium, headless, with a profile of its own, and what a person does with it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    # The Manager's CA is its own; that its certificate is right is tested elsewhere.
    "--ignore-certificate-errors",
)
_PATIENCE = 180.0  # seconds; other tests may be using the machine

DESKTOP = (1280, 860)
PHONE = (375, 740)


class Browser:
    """One window at ``url``."""

    def __init__(self, driver: webdriver.Chrome, url: str) -> None:
        """``url`` is the Manager's."""
        self.driver = driver
        self.url = url

    def open(self, path: str) -> None:
        """Go to the page at ``path``."""
        self.driver.get(self.url + path)

    @property
    def path(self) -> str:
        """Where it is now."""
        return self.driver.current_url.removeprefix(self.url).partition("#")[0]

    @property
    def text(self) -> str:
        """What a person reads."""
        return self.driver.find_element(By.TAG_NAME, "body").text

    def one(self, css: str) -> WebElement:
        """The first element that matches; waits for it."""
        found: WebElement = self.until(
            lambda: next(iter(self.driver.find_elements(By.CSS_SELECTOR, css)), None), css
        )
        return found

    def click(self, css: str, *, within: str = "body", words: str = "") -> None:
        """Click the first element that matches, in what matches ``within`` and says ``words``.

        It is looked for anew where a live part of the page was replaced; so this is not for what
        must be pressed once only, as a sign-in is.
        """
        self.until(lambda: self._clicked_element(css, within, words), css)

    def has(self, css: str) -> bool:
        """Whether there is such an element."""
        return bool(self.driver.find_elements(By.CSS_SELECTOR, css))

    def fill(self, **fields: str) -> None:
        """Type into fields by their names."""
        for name, text in fields.items():
            element = self.one(f'[name="{name}"]')
            element.clear()
            element.send_keys(text)

    def press(self, words: str) -> None:
        """Press the button or link that says ``words``, and wait until the next page is there."""
        before = self.one("html")
        self.until(lambda: self._clicked(words), words)
        self.until(lambda: self._gone(before), f"another page after “{words}”")

    def key(self, *keys: str) -> None:
        """Press keys where the focus is."""
        for each in keys:
            self.driver.switch_to.active_element.send_keys(each)

    def until(self, found: Callable[[], Any], what: str) -> Any:
        """What ``found`` returns once that is something."""
        # A live part of the page may be replaced while it is looked at: then look again.
        patience = WebDriverWait(
            self.driver, _PATIENCE, 0.05, ignored_exceptions=[StaleElementReferenceException]
        )
        return patience.until(lambda _driver: _unless_replaced(found), what)

    def until_text(self, text: str) -> None:
        """Wait until a person reads ``text``."""
        self.until(lambda: text in self.text, text)

    def size(self, width: int, height: int, *, phone: bool = False) -> None:
        """Make the window so large (CSS pixels)."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone},
        )

    def prefer(self, theme: Literal["light", "dark"]) -> None:
        """Make the system prefer ``theme``."""
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [{"name": "prefers-color-scheme", "value": theme}]},
        )

    def value(self, script: str) -> Any:
        """What an expression in the page is."""
        return self.driver.execute_script(f"return {script}")

    def complaints(self) -> list[str]:
        """What the console has said since the last call, our policy's violations among it."""
        return [
            entry["message"]
            for entry in self.driver.get_log("browser")  # type: ignore[no-untyped-call]
            # Advice about forms is no complaint, and pages that refuse are tested on purpose.
            if entry["level"] != "DEBUG" and "status of 4" not in entry["message"]
        ]

    def _clicked_element(self, css: str, within: str, words: str) -> bool:
        for place in self.driver.find_elements(By.CSS_SELECTOR, within):
            if words in place.text and (found := place.find_elements(By.CSS_SELECTOR, css)):
                found[0].click()
                return True
        return False

    def _clicked(self, words: str) -> bool:
        for each in self.driver.find_elements(By.CSS_SELECTOR, "main button, main a"):
            if each.is_displayed() and words in each.text:
                each.click()
                return True
        return False

    def _gone(self, element: WebElement) -> bool:
        try:
            element.is_enabled()
        except Exception:
            return self.value("document.readyState") == "complete"
        return False


def _unless_replaced(found: Callable[[], Any]) -> Any:
    """What ``found`` returns; None where the page went away while Chromium looked at it."""
    try:
        return found()
    except WebDriverException as error:
        if "does not belong to the document" in str(error):
            return None
        raise


@contextmanager
def chromium(url: str) -> Iterator[Browser]:
    """A browser for the block, with a fresh profile."""
    profile = Path(tempfile.mkdtemp(prefix="chromium-"))
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(
        options=options, service=webdriver.ChromeService("/usr/bin/chromedriver")
    )
    try:
        browser = Browser(driver, url)
        browser.size(*DESKTOP)
        yield browser
    finally:
        driver.quit()
        shutil.rmtree(profile, ignore_errors=True)


TAB, ENTER = Keys.TAB, Keys.ENTER
