"""The network that pressed for a grant and those that used it, and how a repeated wrong password is recognised."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_script(revision)
