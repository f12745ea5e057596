"""What a machine tells of itself for support, as texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol


class Inspection(Protocol):
    """Outputs of the usual programs."""

    def texts(self) -> Mapping[str, Callable[[], str]]:
        """File name to what makes its text, which may take long and may raise Failure."""

    def configuration(self) -> tuple[str, ...]:
        """Paths of configuration files worth having, relative to the root."""
