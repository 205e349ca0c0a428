"""How often a link was pressed lately from one network."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run_script(revision)
