"""What holds for every page: who may see it, and that nothing in it breaks the policy."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi.routing import APIRoute

from manager.access.role import Role
from manager.finding import modules_in
from manager.web.drawing.menu import MENU
from manager.web.drawing.static_files import FOLDER, address_of, edition
from tests.unit.manager_web.conftest import Visitor

ROUTES = [
    route
    for module in modules_in("manager.web")
    if hasattr(module, "ROUTER")
    for route in module.ROUTER.routes
    if isinstance(route, APIRoute)
]
PAGES = sorted(
    route.path
    for route in ROUTES
    if "GET" in route.methods and "{" not in route.path and route.path not in ("/sign-in", "/setup")
)


def test_every_entry_of_the_menu_that_is_shown_leads_somewhere(
    signed_in: Callable[[Role], Visitor],
) -> None:
    visitor = signed_in(Role.ADMIN)
    offered = set(re.findall(r'<li><a href="(/[^"]*)"', visitor.get("/about").text))
    assert offered
    for path in offered:
        assert visitor.get(path).status_code == 200
    assert offered <= {entry.path for group in MENU for entry in group.entries}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_plain_html_without_code_of_its_own(
    path: str, signed_in: Callable[[Role], Visitor]
) -> None:
    answer = signed_in(Role.ADMIN).get(path)
    assert answer.status_code == 200
    text = answer.text
    assert not re.search(r"\sstyle=|<style|javascript:|\son[a-z]+=\"", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert "src=" in script
    assert "http://" not in text.replace("http://www.w3.org/", "")
    assert text.count("<h1") == 1
    assert '<html lang="en"' in text
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids)), "an id is there twice"
    for target in re.findall(r'(?:for|aria-labelledby|aria-describedby)="([^"]+)"', text):
        assert target in ids
    for form in re.findall(r"<form[^>]*method=\"post\"[^>]*>(.*?)</form>", text, re.S):
        assert 'name="csrf_token"' in form


@pytest.mark.parametrize("path", PAGES)
def test_a_page_sends_who_is_not_signed_in_to_the_door_and_back(
    path: str, anybody: Visitor
) -> None:
    answer = anybody.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(("/sign-in", "/setup"))


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.AUDITOR])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_drawn_or_refused_in_words_for_who_changes_nothing(
    path: str, role: Role, signed_in: Callable[[Role], Visitor]
) -> None:
    answer = signed_in(role).get(path)
    assert answer.status_code in (200, 403)
    if answer.status_code == 403:
        assert f"The role {role.value} may not do this." in answer.text
    else:
        actions = re.findall(r'<form method="post" action="([^"]+)"', answer.text)
        assert not [each for each in actions if not each.startswith(("/sign-out", "/account"))]


CHANGES = sorted(route.path for route in ROUTES if "POST" in route.methods)
# Nobody is signed in yet; and what is for everybody who is.
BEFORE = ("/sign-in", "/setup")
FOR_ALL = (*BEFORE, "/sign-out", "/account")


@pytest.mark.parametrize("path", [path for path in CHANGES if path not in BEFORE])
def test_no_form_is_taken_without_its_token(
    path: str, signed_in: Callable[[Role], Visitor]
) -> None:
    visitor = signed_in(Role.ADMIN)
    answer = visitor.client.post(re.sub(r"\{\w+\}", "x", path), follow_redirects=False)
    assert answer.status_code == 403
    assert "anti-forgery" in answer.text


@pytest.mark.parametrize("path", [path for path in CHANGES if not path.startswith(FOR_ALL)])
def test_who_only_reads_changes_nothing(path: str, signed_in: Callable[[Role], Visitor]) -> None:
    answer = signed_in(Role.READ_ONLY).post(re.sub(r"\{\w+\}", "x", path))
    assert answer.status_code == 403
    assert "The role read-only may not do this." in answer.text


def test_static_files_are_kept_for_good_and_those_of_another_version_are_not_there(
    anybody: Visitor,
) -> None:
    for path in FOLDER.iterdir():
        answer = anybody.get(address_of(path.name))
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert anybody.get(f"/static/{'0' * 12}/page.js").status_code == 404
    assert anybody.get(f"/static/{edition()}/..%2f__init__.py").status_code == 404
    assert anybody.get(f"/static/{edition()}/nothing.css").status_code == 404


def test_an_address_that_is_nothing_is_a_page(signed_in: Callable[[Role], Visitor]) -> None:
    answer = signed_in(Role.ADMIN).get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.text


def test_the_theme_is_drawn_from_its_cookie_and_nothing_else(anybody: Visitor) -> None:
    anybody.client.cookies.set("flexvdi_theme", "dark")
    assert 'data-theme="dark"' in anybody.get("/nowhere").text
    anybody.client.cookies.set("flexvdi_theme", '"><script>')
    assert "data-theme=" not in anybody.get("/nowhere").text
