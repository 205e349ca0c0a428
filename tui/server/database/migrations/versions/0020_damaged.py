"""The documents that were found damaged, without reading all rows."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    run_script(revision)
