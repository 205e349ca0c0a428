"""An index for adding up the announced sizes of unfinished uploads."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_script(revision)
