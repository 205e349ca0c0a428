"""When a sent document was unpublished by hand, so that it can be undone."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_script(revision)
