"""Changes that are decided but not applied: the document as it shall be, beside the one in force.

They belong to one screen and live as long as it does. Nothing here touches the host.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from host.document.differences import Difference
    from host.document.model import HostDocument


class Staging:
    """The document in force as last read, and the steps that led away from it."""

    def __init__(self) -> None:
        """Nothing is known and nothing is staged."""
        self.in_force: HostDocument | None = None
        self._history: list[HostDocument] = []
        self._differences: tuple[Difference, ...] = ()

    @property
    def wanted(self) -> HostDocument:
        """The document as it shall be; only to be asked for once it was read."""
        if self._history:
            return self._history[-1]
        assert self.in_force is not None
        return self.in_force

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What would be different from now."""
        return self._differences

    def __len__(self) -> int:
        """The number of changes not applied."""
        return len(self._differences)

    def stage(self, document: HostDocument) -> None:
        """Want ``document`` from now on."""
        if document != self.wanted:
            self._history.append(document)
            self._compare()

    def undo(self) -> None:
        """Take back what was staged last."""
        if self._history:
            del self._history[-1]
            self._compare()

    def discard(self) -> None:
        """Take back everything."""
        self._history.clear()
        self._compare()

    def read(self, document: HostDocument) -> None:
        """Take ``document`` as the one in force; what is staged is carried over to it.

        What cannot be carried over, because it does not fit any more, stays as it was staged.
        """
        from pydantic import ValidationError

        from host.document.differences import carry_over

        base, self.in_force = self.in_force, document
        if base is not None and self._history and base != document:
            try:
                self._history = [carry_over(base, self._history[-1], document)]
            except (ValidationError, KeyError):
                self._history = self._history[-1:]
        self._compare()

    def _compare(self) -> None:
        from host.document.differences import differences

        if self.in_force is None:
            return
        if self._history and self._history[-1] == self.in_force:
            self._history.clear()
        self._differences = differences(self.in_force, self.wanted) if self._history else ()
