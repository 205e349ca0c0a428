"""The keys of sealed contents and the pieces that they are stored as, and whether new documents are sealed."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    run_script(revision)
