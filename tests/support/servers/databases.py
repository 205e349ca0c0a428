"""The databases that a test runs on."""

from __future__ import annotations

import pytest

#: Marks for a single test of a module that otherwise uses SQLite.
both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True, scope="module")
on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True, scope="module")
