"""PostgreSQL's full-text index records when documents were last edited."""

from __future__ import annotations

from alembic import op

from tui.server.database.migrations.script import run_script

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        run_script(revision)
