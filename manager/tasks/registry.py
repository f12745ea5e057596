"""Finding the kinds of tasks: every area's module ``task_kinds`` lists its own as ``KINDS``."""

from __future__ import annotations

from manager.finding import area_modules
from manager.tasks.task import TaskKind


def all_kinds() -> dict[str, TaskKind]:
    """All kinds there are, by name."""
    kinds: dict[str, TaskKind] = {}
    for module in area_modules("task_kinds"):
        for kind in module.KINDS:
            assert kind.name not in kinds, f"two kinds of tasks are called {kind.name}"
            kinds[kind.name] = kind
    return kinds
