"""Chains that claim to be sealed beyond their last row are sealed like others."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_script(revision)
