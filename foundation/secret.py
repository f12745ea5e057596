"""A text that must not be shown: passwords, keys, tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

if TYPE_CHECKING:  # screens hold secrets too, and must not wait for pydantic to be imported
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

MASK = "••••••"
_SHORTEST = 4  # a shorter text would be masked all over the place


class Secret:
    """Holds a secret text; every way of printing it by accident yields a mask.

    The text itself is had only by :meth:`reveal`, which makes each use easy to find. In a
    pydantic model it is read from a string and written to JSON in clear, because a model's
    JSON travels through files and pipes of mode 0600 only.
    """

    __slots__ = ("__weakref__", "_text")

    def __init__(self, text: str) -> None:
        """Wrap ``text``."""
        self._text = text
        _LIVING[id(self)] = self

    def reveal(self) -> str:
        """The secret in clear."""
        return self._text

    def __repr__(self) -> str:
        """A mask: reprs end up in logs and tracebacks."""
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        """A mask, for f-strings and logs."""
        return MASK

    def __eq__(self, other: object) -> bool:
        """Secrets are equal when their texts are."""
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        """Hash of the text, so that frozen models holding secrets stay hashable."""
        return hash(self._text)

    def __bool__(self) -> bool:
        """Whether there is any text."""
        return bool(self._text)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Accept a string or a Secret; serialise to the clear string."""
        from pydantic_core import core_schema

        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_after_validator_function(cls, core_schema.str_schema()),
            python_schema=core_schema.union_schema(
                [
                    core_schema.is_instance_schema(cls),
                    core_schema.no_info_after_validator_function(cls, core_schema.str_schema()),
                ]
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda secret: secret.reveal(), when_used="json"
            ),
        )


_LIVING: WeakValueDictionary[int, Secret] = WeakValueDictionary()


def mask_living(text: str) -> str:
    """``text`` without any secret that this process holds, for what is written unseen: logs."""
    living = [secret for secret in list(_LIVING.values()) if len(secret.reveal()) >= _SHORTEST]
    # The longest first: one secret may be part of another.
    return redact(text, sorted(living, key=lambda secret: -len(secret.reveal())))


def redact(text: str, secrets: tuple[Secret, ...] | list[Secret]) -> str:
    """``text`` with every occurrence of each secret masked."""
    for secret in secrets:
        if secret:
            text = text.replace(secret.reveal(), MASK)
    return text
