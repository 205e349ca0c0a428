"""Migrating a database to the current schema when the server starts."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from ...rules.errors import Failed
from .tables import metadata

_SCRIPTS = Path(__file__).parent / "migrations"
_REVISIONS = "SELECT version_num FROM alembic_version"


def is_outdated(path: Path) -> bool:
    """Whether SQLite's database at ``path`` doesn't exist yet or, as far as can be told without waiting for another
    program, needs a migration."""
    if not path.exists():
        return True
    try:
        with closing(sqlite3.connect(path, timeout=0)) as connection:
            revisions = connection.execute(_REVISIONS).fetchall()
    except sqlite3.Error:
        return False
    return revisions != [(_current(),)]


def _is_current(connection: Connection) -> bool:
    """Whether the schema is current; determined without importing Alembic, which only a migration needs."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    return connection.execute(text(_REVISIONS)).scalars().all() == [_current()]


def require_current(connection: Connection) -> None:
    """Raise :class:`Failed` unless the database has the current schema."""
    if not _is_current(connection):
        raise Failed(
            "data.other_version",
            "The data is of another version of sentlinks. Run that version, or start a server of this one first, which "
            "brings the data up to date.",
        )


def _current() -> str:
    return max(path.name[:4] for path in (_SCRIPTS / "versions").glob("[0-9]*_*.py"))


def upgrade(connection: Connection, target: str = "head") -> None:
    """Run the missing migrations up to ``target``, within the caller's transaction.

    Raises :class:`Failed` if the database was made by a newer version of the program.
    """
    if _is_current(connection):
        return
    # Before it is imported, which it logs in detail.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_revision()
    try:
        if current is not None:
            scripts.get_revision(current)
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
