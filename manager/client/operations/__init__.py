"""The table of operations, a module for each subject; each lists its own as ``OPERATIONS``."""

from __future__ import annotations

import importlib
import pkgutil

from manager.client.operation import Operation


def all_operations() -> tuple[Operation, ...]:
    """All operations there are."""
    found: list[Operation] = []
    for module in pkgutil.iter_modules(__path__):
        found += importlib.import_module(f"{__name__}.{module.name}").OPERATIONS
    return tuple(found)
