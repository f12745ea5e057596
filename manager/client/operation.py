"""What a verb of managerctl is: one operation of the API, as a value.

The tables in manager/client/operations hold them all; the parser, the calls, the completion and the
test that no operation of the API is missing are made from them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "number", "yes", "list", "pairs", "secret", "secret-file", "file", "json"]


@dataclass(frozen=True)
class Value:
    """Something that an operation takes, given as the option ``--name``.

    ``key`` is what the API calls it. A ``secret`` is never an argument: its option names a file,
    ``-`` for standard input, and without it it is asked for on the terminal; an empty one is sent
    as null where it is ``nullable``. ``file`` sends the text of a file, ``secret-file`` as well,
    ``json`` what a file in JSON holds, ``list`` may be given several times, ``pairs`` too, each
    as NAME=VALUE, ``yes`` is a switch. An empty ``key`` means the whole body.
    """

    name: str
    key: str
    help: str
    kind: Kind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    ask: str = ""
    nullable: bool = False

    @property
    def destination(self) -> str:
        """The attribute that the parser puts it into."""
        return "value_" + self.name.replace("-", "_")


@dataclass(frozen=True)
class Column:
    """A column of a list: its heading, and the path of keys to its value, as in ``load.cpu``."""

    title: str
    key: str
    kind: Literal["text", "size", "share", "time", "yes", "list"] = "text"


@dataclass(frozen=True)
class Operation:
    """``verb`` is what people type, ``method`` and ``path`` are the API's.

    Names in braces in ``path`` are arguments by place. ``columns`` lay a list out as a table (the
    answer itself, or what it has under ``items``); none shows all of each thing. ``asks`` is a
    question that must be answered with yes first. ``done`` is said where the answer is empty;
    ``downloads`` says that the answer is a file; ``hides`` are keys that only --json shows.
    """

    verb: str
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    help: str
    query: tuple[Value, ...] = ()
    body: tuple[Value, ...] = ()
    columns: tuple[Column, ...] = ()
    items: str = "items"
    asks: str = ""
    done: str = ""
    downloads: bool = False
    hides: tuple[str, ...] = ()
    fixed: dict[str, object] = field(default_factory=dict)

    @property
    def places(self) -> tuple[str, ...]:
        """The names in the path."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))

    @property
    def is_list(self) -> bool:
        """Whether it answers in pages."""
        return any(value.key == "after" for value in self.query)


PAGING = (
    Value("size", "size", "things in a page", "number"),
    Value("after", "after", "go on after this place: `next` of the page before"),
)
