"""Parts of the application are found by where they lie: deleting a file removes the feature."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from types import ModuleType


@functools.cache
def modules_in(package: str) -> tuple[ModuleType, ...]:
    """The modules right below ``package``, imported, by name."""
    names = sorted(found.name for found in _below(package))
    return tuple(importlib.import_module(f"{package}.{name}") for name in names)


@functools.cache
def area_modules(name: str) -> tuple[ModuleType, ...]:
    """``manager.AREA.name`` of each area that has such a module; looked for once."""
    areas = sorted(found.name for found in _below("manager") if found.ispkg)
    modules = (f"manager.{area}.{name}" for area in areas)
    return tuple(
        importlib.import_module(module)
        for module in modules
        if importlib.util.find_spec(module) is not None
    )


def _below(package: str) -> Iterator[pkgutil.ModuleInfo]:
    return pkgutil.iter_modules(importlib.import_module(package).__path__)
