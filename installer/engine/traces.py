"""Where an engine keeps what it leaves behind in the live system, and what masks secrets in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Traces:
    """The folder of journal, log and the scripts' output; ``mask`` hides secrets in a text."""

    folder: Path
    mask: Callable[[str], str]
