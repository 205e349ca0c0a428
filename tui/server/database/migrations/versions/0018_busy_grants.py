"""When requests for a grant's bytes were last seen under way, so that those of a killed process are noticed."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    run_script(revision)
