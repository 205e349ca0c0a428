"""The first tables, with the full-text index and the triggers that keep the audit from being rewritten."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_script(revision)
