"""Locales of this machine (host.machine.locales.Locales), locale(1)."""

from __future__ import annotations

import re

from foundation.process import run


class RealLocales:
    """The C library's."""

    def available(self) -> tuple[str, ...]:
        """UTF-8 ones only; ``locale -a`` spells the character set without its hyphen."""
        return read_locales(run(["locale", "-a"], timeout=15).stdout)


def read_locales(said: str) -> tuple[str, ...]:
    """The locales in ``locale -a``'s answer, as locale.conf(5) writes them."""
    names = (re.sub(r"\.utf-?8", ".UTF-8", line.strip(), flags=re.I) for line in said.splitlines())
    return tuple(sorted({name for name in names if name.endswith(".UTF-8")}))
