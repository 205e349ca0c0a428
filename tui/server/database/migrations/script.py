"""Runs the SQL of a migration.

A migration is written down in full and never changes once it has landed. It does not use the tables as the program
declares them today: those are what *all* migrations lead to, and a test compares the two.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

_VERSIONS = Path(__file__).parent / "versions"


def run_script(revision: str) -> None:
    """Runs ``versions/REVISION_DIALECT.sql``: statements that end with a semicolon and are parted by an empty line."""
    connection = op.get_bind()
    script = (_VERSIONS / f"{revision}_{connection.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in script.split(";\n\n"):
        connection.exec_driver_sql(statement.strip().removesuffix(";"))
