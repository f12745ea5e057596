from __future__ import annotations

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import select, text

from foundation.failure import Failure
from manager.database.engine import Database, after_commit
from manager.database.migrating import current_revisions, migrate, newest_revisions
from manager.database.schema import metadata
from manager.preferences.tables import PreferenceRow
from manager.problems import Conflict
from manager.services import Services


def test_migrations_make_exactly_the_tables_of_the_models(services: Services) -> None:
    assert current_revisions(services.database) == newest_revisions()
    with services.database.reading() as session:
        context = MigrationContext.configure(
            session.connection(), opts={"compare_type": True, "render_as_batch": True}
        )
        assert compare_metadata(context, metadata) == []


def test_a_database_of_a_newer_manager_is_refused_untouched(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    migrate(database)
    with database.writing() as session:
        session.execute(text("DELETE FROM alembic_version"))
        session.execute(text("INSERT INTO alembic_version VALUES ('from-the-future')"))
    with pytest.raises(Failure) as refused:
        migrate(database)
    assert "newer" in refused.value.cause
    assert current_revisions(database) == {"from-the-future"}


def test_writers_in_many_threads_lose_nothing(services: Services) -> None:
    clock = services.clock

    def write(number: int) -> None:
        for each in range(5):
            with services.database.writing() as session:
                session.add(
                    PreferenceRow(
                        name=f"{number}-{each}", value={}, changed=clock(), changed_by="test"
                    )
                )

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with services.database.reading() as session:
        assert len(session.scalars(select(PreferenceRow)).all()) == 40


def test_a_change_over_somebody_elses_is_a_conflict(services: Services) -> None:
    with services.database.writing() as session:
        session.add(PreferenceRow(name="x", value={}, changed=services.clock(), changed_by="first"))
    with services.database.reading() as session:
        mine = session.get(PreferenceRow, "x")
        assert mine is not None
    with services.database.writing() as session:
        theirs = session.get(PreferenceRow, "x")
        assert theirs is not None
        theirs.changed_by = "second"
    mine.changed_by = "third"
    with pytest.raises(Conflict):
        with services.database.writing() as session:
            session.add(mine)


def test_what_follows_a_commit_does_not_follow_a_rollback(services: Services) -> None:
    told: list[str] = []
    with pytest.raises(ZeroDivisionError):
        with services.database.writing() as session:
            after_commit(session, lambda: told.append("wrong"))
            raise ZeroDivisionError
    with services.database.writing() as session:
        after_commit(session, lambda: told.append("right"))
        assert told == []
    assert told == ["right"]
