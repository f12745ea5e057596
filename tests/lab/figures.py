"""Measured values and the goals they are set against."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Figure:
    """One measured value; ``goal`` is the most it may be, None for values without one."""

    name: str
    value: float
    unit: str
    goal: float | None = None

    def row(self) -> str:
        """The value, and whether it is within its goal."""
        verdict = ""
        if self.goal is not None:
            verdict = f"goal {self.goal:g}: {'met' if self.value <= self.goal else 'MISSED'}"
        return f"  {self.name:<46} {self.value:10.1f} {self.unit:<5} {verdict}".rstrip()
