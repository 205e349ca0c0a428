"""How and when a sign-in began, and where it was last used; a kind of its own for the data folder's token."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_script(revision)
