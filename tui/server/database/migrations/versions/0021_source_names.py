"""What the documents in Work were called that something was sent from."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    run_script(revision)
