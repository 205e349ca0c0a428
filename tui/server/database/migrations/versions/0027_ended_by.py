"""Who or what has ended the link of a document."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    run_script(revision)
