"""Where documents stand in lists by the time sent: those of a send together, in their order."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    run_script(revision)
