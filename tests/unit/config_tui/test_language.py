"""Catalogues: complete, with the placeholders of the original, and used."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from config_tui.kit import language
from config_tui.kit.language import catalogue_path, languages, read_catalogue, use_language
from config_tui.kit.text import cell_width
from config_tui.page import all_pages
from tests.unit.config_tui.messages import messages, placeholders, update
from tests.unit.config_tui.screens import Driver

UPDATE = "FLEXVDI_UPDATE_CATALOGUES"


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    use_language("C")


def test_spanish_is_there() -> None:
    assert "es" in languages()


@pytest.mark.parametrize("name", languages())
def test_every_message_is_translated(name: str) -> None:
    """Set FLEXVDI_UPDATE_CATALOGUES=1 to add new messages to the catalogues, then translate."""
    path = catalogue_path(name)
    if os.environ.get(UPDATE):
        update(path, name)
    known = set(read_catalogue(path.read_text()))
    shown = set(messages())
    assert not shown - known, "not translated yet"
    assert not known - shown, "no longer shown"


@pytest.mark.parametrize("name", languages())
def test_translations_have_the_placeholders_of_the_original(name: str) -> None:
    for message, translation in read_catalogue(catalogue_path(name).read_text()).items():
        assert placeholders(message) == placeholders(translation), message
        assert message.endswith("...") == translation.endswith("..."), message


def test_titles_fit_the_menu_in_every_language() -> None:
    for name in ("C", *languages()):
        use_language(name)
        screen = Driver()
        for page in all_pages(screen.application.navigation.pages):
            title = page.title_for(screen.application)
            assert cell_width(title) <= 16, f"{name}: {title}"


def test_the_screen_speaks_the_language_in_use() -> None:
    assert use_language("es_ES.UTF-8") == "es"
    assert "Estado" in Driver().look().text()
    assert use_language("xx_YY") == "en"
    assert "Status" in Driver().look().text()


@pytest.mark.parametrize("name", ["../../etc", "", "es/../es", "C"])
def test_a_strange_locale_is_english(name: str) -> None:
    assert use_language(name) == "en"


def test_po_files_are_read_as_gettext_reads_them() -> None:
    text = (
        'msgid ""\nmsgstr "Language: xx"\n\n'
        '#: a.py\nmsgid "Two "\n"lines\\n"\nmsgstr "Dos "\n"líneas\\n"\n\n'
        '#, fuzzy\nmsgid "Guess"\nmsgstr "?"\n\n'
        'msgid "Say \\"hi\\""\nmsgstr "Di «hola»"\n\nmsgid "Not yet"\nmsgstr ""\n'
    )
    assert read_catalogue(text) == {"Two lines\n": "Dos líneas\n", 'Say "hi"': "Di «hola»"}


def test_the_locale_comes_from_the_environment_as_posix_says() -> None:
    assert language.locale_of({"LANG": "es_ES.UTF-8"}) == "es_ES.UTF-8"
    assert language.locale_of({"LANG": "es_ES", "LC_ALL": "C"}) == "C"
    assert language.locale_of({"LC_MESSAGES": "fr", "LANG": "es"}) == "fr"
    assert language.locale_of({}) == ""
