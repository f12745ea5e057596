"""What differs between two host documents, place by place; and carrying that over to a third.

The differences are what a screen counts as "changes not applied", what it shows before applying,
and what the equivalent command names. Carrying them over keeps the work of two people who change
different things at the same time.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from foundation.secret import MASK
from host.document.model import HostDocument
from host.document.paths import Place, drop, named, place_text, put
from host.document.writing import stated_document


@dataclass(frozen=True)
class Difference:
    """One place where two documents differ; None stands for "nothing said: the default".

    ``before`` and ``after`` are for eyes: secrets in them are masked.
    """

    place: Place
    before: Any
    after: Any
    secret: bool = False

    @property
    def path(self) -> str:
        """The place as people write it."""
        return place_text(self.place)

    @property
    def words(self) -> str:
        """One line as in ``time.timezone: UTC -> Europe/Madrid``."""
        if self.before is None:
            return f"{self.path}: {value_text(self.after)}"
        if self.secret:
            return f"{self.path}: {MASK} -> {value_text(self.after)} *"
        return f"{self.path}: {value_text(self.before)} -> {value_text(self.after)}"


def value_text(value: Any) -> str:
    """A value on one line, as YAML has it; a dash for none."""
    if value is None:
        return "-"
    text: str = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=100_000
    )
    return text.removesuffix("\n").removesuffix("\n...").strip()


def differences(before: HostDocument, after: HostDocument) -> tuple[Difference, ...]:
    """Where ``after`` says something else than ``before``."""
    found = _walk(
        stated_document(before, show_secrets=True), stated_document(after, show_secrets=True), ()
    )
    masked = (stated_document(before), stated_document(after))
    return tuple(
        Difference(
            place,
            _shown(masked[0], place),
            _shown(masked[1], place),
            secret=_shown(masked[0], place) == _shown(masked[1], place),
        )
        for place, _old, _new in found
    )


def carry_over(base: HostDocument, wanted: HostDocument, current: HostDocument) -> HostDocument:
    """What led from ``base`` to ``wanted``, done to ``current``.

    Raises pydantic's ValidationError when the result does not fit together.
    """
    if current == base:
        return wanted
    tree = copy.deepcopy(stated_document(current, show_secrets=True))
    old = stated_document(base, show_secrets=True)
    new = stated_document(wanted, show_secrets=True)
    for place, _before, after in _walk(old, new, ()):
        if after is not None:
            put(tree, place, after)
        else:
            try:
                drop(tree, place)
            except KeyError:  # somebody else took it away as well
                continue
    return HostDocument.model_validate(tree)


def _walk(before: Any, after: Any, place: Place) -> Iterator[tuple[Place, Any, Any]]:
    if before == after and not isinstance(before, list):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from _walk(before.get(key), after.get(key), (*place, key))
    elif _both_named(before, after):
        old = {item["name"]: item for item in before or []}
        new = {item["name"]: item for item in after or []}
        for name in [*old, *(name for name in new if name not in old)]:
            yield from _walk(old.get(name), new.get(name), (*place, name))
    elif before != after:
        yield place, before, after


def _both_named(before: Any, after: Any) -> bool:
    lists = [items for items in (before, after) if items]
    return bool(lists) and all(named(items) for items in lists)


def _shown(tree: Any, place: Place) -> Any:
    value = tree
    for part in place:
        if isinstance(value, list):
            value = next((item for item in value if item.get("name") == part), None)
        elif isinstance(value, dict):
            value = value.get(part)
        else:
            return None
    return value
