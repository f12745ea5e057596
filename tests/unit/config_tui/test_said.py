"""What the host says in the language of the screen: all of it, whatever it is filled in with."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config_tui.kit.language import (
    SAID_DOMAINS,
    catalogue_path,
    languages,
    read_catalogue,
    use_language,
)
from config_tui.kit.said import said
from tests.unit.config_tui.host_texts import deployment_texts, host_texts
from tests.unit.config_tui.messages import placeholders
from tests.unit.config_tui.screens import Driver

UPDATE = "FLEXVDI_UPDATE_CATALOGUES"
_HEADER = """\
# {subject}, for the screens of flexVDI Config. Fields are
# what the host fills in; a text without a translation is shown in English.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    use_language("C")


HOST, DEPLOYMENT = SAID_DOMAINS
TEXTS = {HOST: host_texts, DEPLOYMENT: deployment_texts}
SUBJECTS = {
    HOST: "What a host says (texts of host/ and foundation/)",
    DEPLOYMENT: "What a host says of the Manager's guest and of the platform it belongs to",
}


def catalogue(language: str, domain: str = HOST) -> dict[str, str]:
    path = catalogue_path(language, domain)
    return read_catalogue(path.read_text()) if path.exists() else {}


@pytest.mark.parametrize("domain", SAID_DOMAINS)
@pytest.mark.parametrize("language", languages())
def test_everything_a_host_says_is_translated(language: str, domain: str) -> None:
    """Set FLEXVDI_UPDATE_CATALOGUES=1 to add new texts to the catalogues, then translate them."""
    if os.environ.get(UPDATE):
        update(catalogue_path(language, domain), language, domain)
    known, texts = set(catalogue(language, domain)), set(TEXTS[domain]())
    untranslated, no_longer_said = sorted(texts - known), sorted(known - texts)
    assert untranslated == []
    assert no_longer_said == []


def update(path: Path, language: str, domain: str) -> None:
    """Write the catalogue anew: the texts of the code, with the translations there are."""
    known = catalogue(language, domain)
    blocks = [_HEADER.format(language=language, subject=SUBJECTS[domain])]
    for text, place in sorted(TEXTS[domain]().items(), key=lambda item: (item[1], item[0])):
        pair = [json.dumps(words, ensure_ascii=False) for words in (text, known.get(text, ""))]
        blocks.append(f"#: {place}\nmsgid {pair[0]}\nmsgstr {pair[1]}\n")
    path.write_text("\n".join(blocks))


@pytest.mark.parametrize("domain", SAID_DOMAINS)
@pytest.mark.parametrize("language", languages())
def test_translations_fill_in_the_same_fields(language: str, domain: str) -> None:
    for text, translation in catalogue(language, domain).items():
        assert placeholders(text) == placeholders(translation), text


@pytest.mark.parametrize("domain", SAID_DOMAINS)
def test_every_text_is_recognised_by_what_it_is_filled_with(domain: str) -> None:
    use_language("es")
    for text, translation in catalogue("es", domain).items():
        names = re.findall(r"\{(\w+)\}", text)
        values = {name: f"value-{number}/x.y" for number, name in enumerate(names)}
        if re.search(r"[A-Za-z]{2}", re.sub(r"\{\w+\}", "", text)):
            assert said(text.format(**values)) == translation.format(**values), text


def test_a_text_within_a_text_is_translated_as_well() -> None:
    use_language("es")
    failed = "There is no disk vdx. Not everything could be put back: The quota is used up."
    assert said(failed) == (
        "No hay ningún disco vdx. No todo se pudo devolver a su estado: La cuota está agotada."
    )
    assert said("Host name: change") == "Nombre del host: cambiar"


def test_what_nobody_knows_stays_as_it_is() -> None:
    use_language("es")
    for text in ("", "Gibberish of a daemon", "a: b", "{broken} {template"):
        assert said(text) == text
    use_language("C")
    assert said("There is no disk vdx.") == "There is no disk vdx."


def test_a_plan_and_an_error_of_a_field_are_in_spanish() -> None:
    use_language("es")
    screen = Driver().look().as_root()
    screen.go("storage-iscsi").push("Añadir")
    screen.type("not-a-name").press("tab")
    assert "no es un nombre iSCSI" in screen.words()
    screen.press("esc")
    screen.go("network-names").press("end").type("x").press("tab")
    screen.push("Preparar")
    screen.go("changes").push("Aplicar ...")
    assert "Nombre del host: node3.lab -> node3.labx" in screen.words()
