"""Bringing a database to the program's present form, at the start of the server."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from ...rules.errors import Failed
from .tables import metadata

_SCRIPTS = Path(__file__).parent / "migrations"


def _is_present(connection: Connection) -> bool:
    """Whether the database has the program's form, which is told without what is needed only to bring it there."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return found == [max(path.name[:4] for path in (_SCRIPTS / "versions").glob("[0-9]*_*.py"))]


def upgrade(connection: Connection, target: str = "head") -> None:
    """Runs what migrations are missing up to ``target``, within the caller's transaction.

    Raises :class:`Failed` where the database was made by a newer version of the program.
    """
    if _is_present(connection):
        return
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    present = MigrationContext.configure(connection).get_current_revision()
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
