"""Managers as real processes, on SQLite and on a PostgreSQL of the tests' own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.integration.manager.postgresql import PostgresCluster, new_cluster


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresCluster]:
    """A running cluster."""
    cluster = new_cluster()
    yield cluster
    cluster.stop()
    shutil.rmtree(cluster.folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind; empty text for the default SQLite file."""
    if request.param == "sqlite":
        return ""
    cluster: PostgresCluster = request.getfixturevalue("postgresql")
    return cluster.new_database()
