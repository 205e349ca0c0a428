"""Tokens say how and when a sign-in was begun, and where it was last used; the data folder's is of its own kind."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_script(revision)
