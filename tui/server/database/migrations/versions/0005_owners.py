"""Documents, folders and workspaces have owners, and check-outs a person, by id; documents tell their class."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_script(revision)
