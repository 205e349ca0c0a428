"""Which key wraps the keys of contents while and after it is changed, and which processes serve."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    run_script(revision)
