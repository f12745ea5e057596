"""The language of screens: gettext catalogues, read straight from the .po files translators edit.

Nothing is compiled, so a catalogue cannot be out of date, and no binary lies beside the code. A
message without a translation is shown as it was written, in English.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

CATALOGUES = Path(__file__).parents[1] / "catalogues"
DOMAIN = "flexvdi-config"
SAID_DOMAINS = ("flexvdi-host", "flexvdi-deployment")
"""The domains of what the host itself says, of itself and of Manager and platform; see
config_tui.kit.said."""

_messages: Mapping[str, str] = {}
_language = "en"


def translate(message: str) -> str:
    """``message`` in the language in use."""
    return _messages.get(message, message)


def use_language(locale_name: str) -> str:
    """Use the catalogue for a locale as in ``es_ES.UTF-8``; returns the language found.

    That is ``en`` when there is no catalogue for it.
    """
    global _messages, _language
    name = locale_name.partition(".")[0].partition("@")[0]
    for language in (name, name.partition("_")[0]):
        path = catalogue_path(language)
        if language.replace("_", "").isalnum() and path.is_file():
            _messages, _language = read_catalogue_of(language), language
            return language
    _messages, _language = {}, "en"
    return _language


def language_in_use() -> str:
    """The language that :func:`use_language` found."""
    return _language


def locale_of(environment: Mapping[str, str]) -> str:
    """The locale for messages that an environment asks for, after POSIX; empty when none."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(variable):
            return environment[variable]
    return ""


def catalogue_path(language: str, domain: str = DOMAIN) -> Path:
    """Where the catalogue of a language is, whether there is one or not."""
    return CATALOGUES / language / "LC_MESSAGES" / f"{domain}.po"


def read_catalogue_of(language: str, domain: str = DOMAIN) -> dict[str, str]:
    """The translations into a language; none where there is no catalogue."""
    path = catalogue_path(language, domain)
    return read_catalogue(path.read_text(encoding="utf-8")) if path.is_file() else {}


def languages() -> tuple[str, ...]:
    """The languages there are catalogues for."""
    return tuple(sorted(path.name for path in CATALOGUES.iterdir() if path.is_dir()))


def read_catalogue(text: str) -> dict[str, str]:
    """The translations in a .po file (GNU gettext manual, "The Format of PO Files").

    Entries that are empty or marked fuzzy are left out: English is better than a guess.
    """
    entries: dict[str, str] = {}
    for block in text.split("\n\n"):
        parts: dict[str, str] = {}
        current = ""
        fuzzy = False
        for line in block.splitlines():
            if line.startswith("#"):
                fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
                continue
            keyword, quote, rest = line.partition('"')
            if quote:
                current = keyword.strip() or current
                parts[current] = parts.get(current, "") + json.loads(f'"{rest}')
        if parts.get("msgid") and parts.get("msgstr") and not fuzzy:
            entries[parts["msgid"]] = parts["msgstr"]
    return entries
