"""The audit of people and of the installation; MACs of heads and of the newest seal; states; damaged bytes."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_script(revision)
