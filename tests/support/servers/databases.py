"""The databases that a test runs on."""

from __future__ import annotations

import pytest

from tests.support.checks.long import more

#: Marks for a single test of a module that otherwise uses SQLite.
both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True, scope="module")
#: The same, with PostgreSQL in the long form only: how it answers doesn't depend on the database.
both_in_long = pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgres", marks=more)], indirect=True, scope="module"
)
on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True, scope="module")
