"""People with a session: for tests that are not about signing in."""

from __future__ import annotations

import requests

from manager.access.principal import Principal
from manager.access.role import Role
from manager.access.sessions import COOKIE, Opened, open_session
from manager.services import Services, open_services
from manager.settings import Settings
from manager.tasks.inline import InlineEngine
from tests.integration.dashboard.browser import Browser
from tests.lab.platform import LabManager


def url_of(manager: LabManager) -> str:
    """Where its dashboard is."""
    return f"https://127.0.0.1:{manager.https}"


def services_of(manager: LabManager) -> Services:
    """The state of a Manager that runs, for what a test puts there; nothing is carried out."""
    return open_services(Settings(state=manager.settings.state), InlineEngine())


def session_of(manager: LabManager, role: Role, name: str = "") -> Opened:
    """A session of somebody of a directory who has ``role``."""
    services = services_of(manager)
    try:
        with services.database.writing() as session:
            principal = Principal(name or f"the {role.value}", role, "directory:test")
            return open_session(services, session, principal, "a test")
    finally:
        services.database.close()


def become(browser: Browser, manager: LabManager, role: Role) -> None:
    """From now on the browser is signed in as somebody of ``role``."""
    opened = session_of(manager, role)
    browser.driver.execute_cdp_cmd(
        "Network.setCookie",
        {
            "name": COOKIE,
            "value": opened.cookie.reveal(),
            "url": url_of(manager),
            "path": "/",
            "secure": True,
            "httpOnly": True,
            "sameSite": "Strict",
        },
    )


class Program:
    """Somebody else who uses the API at the same time, with a session of ``role``."""

    def __init__(self, manager: LabManager, role: Role) -> None:
        """Signed in at once."""
        opened = session_of(manager, role, "somebody else")
        self._url = url_of(manager)
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.verify = str(manager.settings.state / "certificates" / "ca.crt")
        self._http.cookies.set(COOKIE, opened.cookie.reveal())
        self._http.headers["X-CSRF-Token"] = opened.csrf

    def send(self, method: str, path: str, **rest: object) -> requests.Response:
        """Call the API or post a form; redirects are not followed."""
        return self._http.request(
            method, self._url + path, timeout=20, allow_redirects=False, **rest
        )  # type: ignore[arg-type]
