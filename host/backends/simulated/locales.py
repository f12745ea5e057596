"""Locales in memory (host.machine.locales.Locales)."""

from __future__ import annotations


class SimulatedLocales:
    """English and Spanish."""

    def available(self) -> tuple[str, ...]:
        """Two, and the plain one."""
        return ("C.UTF-8", "en_US.UTF-8", "es_ES.UTF-8")
