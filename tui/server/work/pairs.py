"""Name-value pairs: data that programs keep with a version. The call to read them is confirmed, writing is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..database.tables import name_values
from ..library.actions import ActingPerson
from ..library.problems import invalid_profile
from . import profile

_MAX_PAIRS = 200
_MAX_NAME, _MAX_VALUE = 255, 4000


def checked(body: Mapping[str, Any]) -> dict[str, str | None]:
    """The pairs in a body, validated. Raises :class:`BadRequest`."""
    for name in body:
        if not name.strip() or not name.isprintable() or len(name) > _MAX_NAME:
            raise invalid_profile(
                "name", "The name of a pair is empty, too long, or has a control character."
            )
    return {name: profile.text(body, name, _MAX_VALUE) for name in body}


async def read(connection: AsyncConnection, row: Row[Any]) -> dict[str, str]:
    """The pairs of a version, by name."""
    query = select(name_values.c.name, name_values.c.value).where(*_of(row)).order_by(name_values.c.name)
    return {row.name: row.value for row in await connection.execute(query)}


async def write(act: ActingPerson, row: Row[Any], changed: Mapping[str, str | None]) -> None:
    """Store the pairs that have a value, remove those that don't. Raises :class:`BadRequest` if there are too many."""
    if not changed:
        return
    this_version = _of(row)
    await act.connection.execute(delete(name_values).where(*this_version, name_values.c.name.in_(changed)))
    rows = [
        {"number": row.number, "version": row.version, "name": name, "value": value}
        for name, value in changed.items()
        if value is not None
    ]
    if rows:
        await act.connection.execute(insert(name_values), rows)
    count = select(func.count()).select_from(name_values).where(*this_version)
    if (await act.connection.execute(count)).scalar_one() > _MAX_PAIRS:
        raise invalid_profile("name", f"A version can have at most {_MAX_PAIRS} pairs.")
    await act.note(row.number, row.version, "PROFILEEDIT")


def _of(row: Row[Any]) -> tuple[Any, Any]:
    return name_values.c.number == row.number, name_values.c.version == row.version
