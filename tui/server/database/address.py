"""The address of a database, as it is configured and as the driver takes it."""

from __future__ import annotations

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from ...rules.errors import Failed
from ...rules.text import printable

#: What may be given after an address of PostgreSQL, as the driver calls it.
_OPTIONS = ("host", "ssl", "passfile", "target_session_attrs")
_MOST_PORT = 65535


def driver_url(url: str) -> str:
    """Add the driver to use to ``postgresql://…`` or ``sqlite://…``. Raises :class:`Failed` for one that can't be
    used; no message repeats it, since it may have a password."""
    try:
        parsed = make_url(url)
    # What follows a sign in the password that isn't encoded may be taken for the port.
    except (ArgumentError, ValueError):
        raise _no_address() from None
    drivers = {
        "sqlite": "sqlite+aiosqlite",
        "postgresql": "postgresql+asyncpg",
        "postgres": "postgresql+asyncpg",
    }
    backend = parsed.drivername.split("+")[0]
    if backend not in drivers:
        raise Failed("database.unknown", f"{backend} databases aren't supported; use sqlite or postgresql.")
    if (parsed.port or 0) > _MOST_PORT:
        raise _no_address()
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise Failed("database.unknown", "The address of the database names no file; use sqlite:///PATH.")
    else:
        parsed = _with_known_options(parsed)
    return parsed.set(drivername=drivers[backend]).render_as_string(hide_password=False)


def _with_known_options(url: URL) -> URL:
    """The address as the driver takes it, which calls ``sslmode`` otherwise. Raises :class:`Failed`."""
    options = {"ssl" if key == "sslmode" else key: value for key, value in url.query.items()}
    if unknown := next((key for key in options if key not in _OPTIONS), None):
        raise Failed(
            "database.unknown",
            f"The address of the database has the option {printable(unknown)}, which isn't known here. Only sslmode, "
            "host and target_session_attrs can be given after the ?.",
        )
    return url.set(query=options)


def _no_address() -> Failed:
    return Failed(
        "database.unknown",
        "Not the address of a database. Use sqlite:///PATH or postgresql://USER@HOST/NAME; in a password, write "
        "signs such as : / ? # @ as %3A %2F %3F %23 %40.",
    )
