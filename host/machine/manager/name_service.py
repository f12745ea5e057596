"""Names and addresses, as this machine's resolver knows them."""

from __future__ import annotations

from typing import Protocol


class NameService(Protocol):
    """getaddrinfo(3) and getnameinfo(3), with a time limit."""

    def addresses(self, name: str) -> tuple[str, ...]:
        """The addresses of a name; none when nobody knows it."""

    def names(self, address: str) -> tuple[str, ...]:
        """The names of an address; none when nobody knows it."""
