"""Bringing a database to the program's present form, at the start of the server."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from ...rules.errors import Failed
from .tables import metadata

_SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(connection: Connection, target: str = "head") -> None:
    """Runs what migrations are missing up to ``target``, within the caller's transaction.

    Raises :class:`Failed` where the database was made by a newer version of the program.
    """
    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    head = scripts.get_current_head()
    present = MigrationContext.configure(connection).get_current_revision()
    if present == head:
        return
    try:
        if present is not None:
            scripts.get_revision(present)
    except CommandError:
        raise Failed(
            "data.newer",
            "The data was made by a newer version of sentlinks; install that version, or use another data folder.",
        ) from None

    def steps(revision: Any, _context: object) -> Any:
        return scripts._upgrade_revs(target, revision)

    with EnvironmentContext(config, scripts, fn=steps) as environment:
        environment.configure(
            connection=connection, target_metadata=metadata, transaction_per_migration=False
        )
        environment.run_migrations()
