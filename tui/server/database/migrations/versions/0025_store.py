"""Which S3 store documents are kept in, if they aren't in the data folder."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    run_script(revision)
