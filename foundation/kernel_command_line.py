"""The kernel command line: what the boot menu, a person or a network boot asked for."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class KernelCommandLine:
    """The arguments in their order; a name may be given several times."""

    arguments: tuple[tuple[str, str | None], ...]

    @classmethod
    def parse(cls, text: str) -> KernelCommandLine:
        """Read a command line; quotes group words, as the kernel reads them."""
        try:
            words = shlex.split(text)
        except ValueError:  # an unbalanced quote: the kernel takes the words as they are
            words = text.split()
        pairs = (word.partition("=") for word in words)
        return cls(tuple((name, value if equals else None) for name, equals, value in pairs))

    @classmethod
    def of_this_machine(cls, path: Path = Path("/proc/cmdline")) -> KernelCommandLine:
        """The running kernel's command line."""
        return cls.parse(path.read_text())

    def has(self, name: str) -> bool:
        """Whether ``name`` is given, with or without a value."""
        return any(given == name for given, _ in self.arguments)

    def last(self, name: str) -> str | None:
        """The value that wins: the last one given; None when absent or without a value."""
        values = self.all(name)
        return values[-1] if values else None

    def all(self, name: str) -> tuple[str, ...]:
        """Every value given for ``name``, in order."""
        return tuple(
            value for given, value in self.arguments if given == name and value is not None
        )
