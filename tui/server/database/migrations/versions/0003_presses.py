"""Where a grant was pressed for and which networks took it, and by what a wrong password is known again."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_script(revision)
