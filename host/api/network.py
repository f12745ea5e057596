"""NetworkApi: what the network is like now, and its safe change."""

from __future__ import annotations

from typing import Protocol


class NetworkApi(Protocol):
    """What the network is like now, and its safe change."""
