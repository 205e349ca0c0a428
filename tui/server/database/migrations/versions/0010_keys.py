"""The key a sent document was published under, so that an interrupted send can be resumed."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run_script(revision)
