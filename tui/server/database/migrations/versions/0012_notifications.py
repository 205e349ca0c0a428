"""Whether senders are notified of deliveries, and the deliveries that they are still to be notified of."""

from __future__ import annotations

from tui.server.database.migrations.script import run_script

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run_script(revision)
