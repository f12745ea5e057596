"""SupportApi: what helps when something is wrong: logs, bundles, diagnostics."""

from __future__ import annotations

from typing import Protocol


class SupportApi(Protocol):
    """What helps when something is wrong: logs, bundles, diagnostics."""
