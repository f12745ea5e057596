"""What came with a form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from foundation.secret import Secret
from manager.problems import Invalid

Model = TypeVar("Model", bound=BaseModel)

_MOST_FIELDS = 200


class Typed:
    """The texts of a form by name; one that is not there is empty.

    A page that could not do what was asked is drawn again with it, so that nobody types twice;
    passwords are never put back (the templates leave such fields empty).
    """

    def __init__(self, texts: dict[str, list[str]] | None = None) -> None:
        """``texts`` may hold several for a name, as from ticks."""
        self._texts = texts or {}

    def __getitem__(self, name: str) -> str:
        """The text of ``name``, without blanks at its ends."""
        return self.get(name)

    def __contains__(self, name: str) -> bool:
        """Whether ``name`` was sent at all; ticks are not unless they are set."""
        return name in self._texts

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(self._texts)

    def get(self, name: str, otherwise: str = "") -> str:
        """The text of ``name``."""
        found = self._texts.get(name)
        return found[0].strip() if found else otherwise

    def every(self, name: str) -> list[str]:
        """All texts of ``name``."""
        return [text.strip() for text in self._texts.get(name, []) if text.strip()]

    def lines(self, name: str) -> list[str]:
        """The lines of ``name`` that say something."""
        return [line.strip() for line in self.get(name).splitlines() if line.strip()]

    def texts(self) -> dict[str, str]:
        """The first text of every name."""
        return {name: self.get(name) for name in self}

    def secret(self, name: str) -> Secret:
        """The text of ``name`` as it was typed, blanks and all."""
        return Secret((self._texts.get(name) or [""])[0])


async def _read(request: Request) -> Typed:
    form = await request.form(max_fields=_MOST_FIELDS, max_files=0)
    return Typed(
        {name: [text for text in form.getlist(name) if isinstance(text, str)] for name in form}
    )


Form = Annotated[Typed, Depends(_read)]


def typed(**texts: str) -> Typed:
    """A form as it is first shown."""
    return Typed({name: [text] for name, text in texts.items()})


def made(model: type[Model], **values: Any) -> Model:
    """A ``model`` of what was typed; raises Invalid, whose ``where`` is the first wrong field."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = str(first["loc"][0]) if first["loc"] else ""
        said = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
        raise Invalid(
            f"{place.replace('_', ' ').capitalize() or 'This'}: {said}.",
            "Nothing was changed. Correct it and try again.",
            where=place,
        ) from error
