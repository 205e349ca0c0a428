"""All tables."""

from __future__ import annotations

from alembic import op

from tui.server.database import full_text
from tui.server.database.append_only import protect
from tui.server.database.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
    protect(op.get_bind())
    full_text.create(op.get_bind())
