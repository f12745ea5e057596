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

_messages: Mapping[str, str] = {}


def translate(message: str) -> str:
    """``message`` in the language in use."""
    return _messages.get(message, message)


def use_language(locale_name: str) -> str:
    """Use the catalogue for a locale as in ``es_ES.UTF-8``; returns the language found.

    That is ``en`` when there is no catalogue for it.
    """
    global _messages
    name = locale_name.partition(".")[0].partition("@")[0]
    for language in (name, name.partition("_")[0]):
        path = catalogue_path(language)
        if language.replace("_", "").isalnum() and path.is_file():
            _messages = read_catalogue(path.read_text(encoding="utf-8"))
            return language
    _messages = {}
    return "en"


def locale_of(environment: Mapping[str, str]) -> str:
    """The locale for messages that an environment asks for, after POSIX; empty when none."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(variable):
            return environment[variable]
    return ""


def catalogue_path(language: str) -> Path:
    """Where the catalogue of a language is, whether there is one or not."""
    return CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


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
