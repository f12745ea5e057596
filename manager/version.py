"""Which release of the product this Manager is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def manager_version() -> str:
    """The project's version, "0" where it runs from a bare folder of sources."""
    try:
        return version("flexvdi")
    except PackageNotFoundError:
        return "0"
