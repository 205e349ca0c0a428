"""When all bytes of a grant's file had arrived, and how many the grant gives since then."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run_script(revision)
