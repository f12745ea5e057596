"""Tasks in figures."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from manager.figures import Figure
from manager.services import Services
from manager.tasks.tables import TaskRow
from manager.tasks.task import TaskState


def by_state(services: Services) -> Iterator[Figure]:
    """How many there are in each state."""
    with services.database.reading() as session:
        found = session.execute(select(TaskRow.state, func.count()).group_by(TaskRow.state)).all()
    counted = {row[0]: row[1] for row in found}
    for state in TaskState:
        yield Figure("tasks", "Tasks that are kept.", counted.get(state, 0), {"state": state})


FIGURES = (by_state,)
