"""Triggers that tell the server which guarded objects its transaction has changed."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    run_script(revision)
