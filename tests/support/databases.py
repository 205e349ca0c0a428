"""The databases that a test runs on."""

from __future__ import annotations

import pytest

#: A mark for a single test of a module that otherwise uses SQLite: it runs on PostgreSQL, too.
both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True, scope="module")
