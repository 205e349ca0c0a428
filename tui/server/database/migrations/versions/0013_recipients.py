"""Whom the links of a send are for, as the sender's note."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run_script(revision)
