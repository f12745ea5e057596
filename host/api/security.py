"""SecurityApi: who may come in: passwords, administrators, keys, certificates."""

from __future__ import annotations

from typing import Protocol


class SecurityApi(Protocol):
    """Who may come in: passwords, administrators, keys, certificates."""
