"""Where the S3 store of the documents is, and the move of all documents to another store."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    run_script(revision)
