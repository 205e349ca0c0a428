"""The databases that a test runs on."""

from __future__ import annotations

import pytest

from tests.support.checks.long import in_turn

#: Marks for a single test of a module that otherwise uses SQLite. In the short form, one of the two, in turn.
both = pytest.mark.parametrize(
    "database_url",
    [pytest.param(name, marks=in_turn) for name in ("sqlite", "postgres")],
    indirect=True,
    scope="module",
)
on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True, scope="module")
