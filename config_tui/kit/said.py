"""What the host says, in the language of the screen.

host/ and foundation/ speak English: in commands, journals and JSON, where texts are compared and
searched for. A screen translates what they said at its edge. The catalogue of these texts has
templates (``There is no disk {disk}.``) as its messages, taken from the code by the tests; a text
is recognised by what a template says around its fields, and the fields are filled in again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from config_tui.kit.language import SAID_DOMAINS, language_in_use, read_catalogue_of

_FIELD = re.compile(r"\{(\w+)\}")
_LEAST_WORDS = 2  # letters outside of its fields that a template needs to be recognised by
_DEEPEST = 4


def said(text: str) -> str:
    """``text`` as this screen's language has it; as it is where nothing is known of it."""
    return _said(text, language_in_use()) if text else text


@lru_cache(maxsize=1024)
def _said(text: str, language: str) -> str:
    return _translated(text, language, 0)


def _translated(text: str, language: str, depth: int) -> str:
    known = _known(language)
    if not known.whole and not known.templates:
        return text
    if text in known.whole:
        return known.whole[text]
    if depth < _DEEPEST:
        for template in known.templates:
            values = template.fields_in(text)
            if values is not None:
                parts = {
                    name: _translated(value, language, depth + 1) for name, value in values.items()
                }
                return template.translation.format(**parts)
        if text[:1].isupper() and text.endswith("."):  # a problem's words, made a sentence
            words = text[:1].lower() + text[1:-1]
            translated = _translated(words, language, _DEEPEST)
            if translated != words:
                return translated[:1].upper() + translated[1:] + "."
        subject, colon, rest = text.partition(": ")
        if colon:  # as in "Host name: change"
            left, right = (_translated(part, language, depth + 1) for part in (subject, rest))
            return f"{left}: {right}"
    return text


@dataclass(frozen=True)
class _Template:
    """``pieces`` are what stands before, between and behind the ``fields``."""

    pieces: tuple[str, ...]
    fields: tuple[str, ...]
    translation: str

    def fields_in(self, text: str) -> dict[str, str] | None:
        """The fields of ``text``, each as short as can be; None if it is another text."""
        first, *between, last = self.pieces
        if not (text.startswith(first) and text.endswith(last)):
            return None
        place, end, values = len(first), len(text) - len(last), []
        for piece in between:
            found = text.find(piece, place + 1, end)
            if found < 0:
                return None
            values.append(text[place:found])
            place = found + len(piece)
        values.append(text[place:end])
        if place > end or any(map(_is_too_much, self.pieces, values)):
            return None
        return dict(zip(self.fields, values, strict=True))


def _is_too_much(before: str, value: str) -> bool:
    """Whether a field would swallow a sentence where none is announced."""
    return ". " in value and bool(before) and not before.endswith((": ", ". "))


@dataclass(frozen=True)
class _Known:
    whole: dict[str, str]
    templates: tuple[_Template, ...]


@cache
def _known(language: str) -> _Known:
    whole: dict[str, str] = {}
    templates: list[_Template] = []
    messages: dict[str, str] = {}
    for domain in SAID_DOMAINS:
        messages |= read_catalogue_of(language, domain)
    for message, translation in messages.items():
        pieces = _FIELD.split(message)
        if len(pieces) == 1:
            whole[message] = translation
        elif len(re.sub(r"\W", "", "".join(pieces[::2]))) >= _LEAST_WORDS:
            templates.append(_Template(tuple(pieces[::2]), tuple(pieces[1::2]), translation))
    # Where several templates fit, the one that begins, then the one that says, the most is meant.
    templates.sort(key=lambda one: (-len(one.pieces[0]), -sum(map(len, one.pieces))))
    return _Known(whole, tuple(templates))
