"""Runs the SQL of a migration.

A migration is written out in full and never changes once it has landed. It doesn't use the tables as the program
declares them today: those are the result of *all* migrations, and a test compares the two.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

_VERSIONS = Path(__file__).parent / "versions"


def run_script(revision: str) -> None:
    """Run ``versions/REVISION_DIALECT.sql``: statements that end with a semicolon, separated by empty lines."""
    connection = op.get_bind()
    script = (_VERSIONS / f"{revision}_{connection.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in script.split(";\n\n"):
        connection.exec_driver_sql(statement.strip().removesuffix(";"))
