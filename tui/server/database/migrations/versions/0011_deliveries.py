"""Which bytes of a file a grant has delivered, so that a complete delivery is recognised."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run_script(revision)
