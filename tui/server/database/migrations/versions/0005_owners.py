"""Owners of documents, folders and workspaces and who checked out, by id; the class of documents."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_script(revision)
