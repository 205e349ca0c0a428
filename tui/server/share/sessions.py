"""Where one is signed in: a row a sign-in, whatever tokens came of it; and ending them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.authorization import Action
from ...rules.errors import NotFound
from ...wire.people import Session, SessionKind, Sessions
from ..database.tables import tokens
from ..people import end_tokens, ends_at
from .caller import Caller, require_own, well_formed

#: So many tokens are looked at, those last used first.
_MOST = 2_000
_PROGRAMS: dict[str, SessionKind] = {"app": "app", "command line": "command line"}


def _key(row: Row[Any]) -> str:
    return str(row.family or row.id)


async def _alive(by: Caller, connection: AsyncConnection, *where: ColumnElement[bool]) -> list[Row[Any]]:
    """The caller's tokens that are still good, the last used first."""
    query = (
        select(tokens)
        .where(tokens.c.user_id == by.id, tokens.c.revoked_at.is_(None), *where)
        .order_by(tokens.c.used_at.desc(), tokens.c.id)
        .limit(_MOST)
    )
    now = by.context.clock()
    rows = (await connection.execute(query)).all()
    # The one that asks is good where it asks: in its data folder, the first token always is.
    here = by.person.token_id
    return [row for row in rows if row.id == here or (end := ends_at(row)) is None or end > now]


def _sessions(by: Caller, rows: Sequence[Row[Any]]) -> Sessions:
    together: dict[str, list[Row[Any]]] = {}
    for row in rows:
        together.setdefault(_key(row), []).append(row)
    return Sessions(sessions=[_session(by, ident, found) for ident, found in together.items()])


def _session(by: Caller, ident: str, rows: Sequence[Row[Any]]) -> Session:
    last = rows[0]
    ends = [end for row in rows if (end := ends_at(row))]
    return Session(
        id=ident,
        kind=_kind(last),
        client=last.program if last.family else None,
        begun_at=min(row.begun_at or row.created_at for row in rows),
        used_at=last.used_at,
        ends_at=max(ends, default=None),
        address=last.address,
        current=any(row.id == by.person.token_id for row in rows),
    )


def _kind(row: Row[Any]) -> SessionKind:
    if row.family:
        return "oauth client"
    return "data folder" if row.kind == "first" else _PROGRAMS.get(row.program or "", "other")


async def listing(by: Caller) -> Sessions:
    """Where the caller is signed in, the last used first. Raises :class:`NotAllowed` where a program asks."""
    require_own(by, Action.READ_SESSIONS)
    async with by.context.database.read() as connection:
        return _sessions(by, await _alive(by, connection))


async def end(by: Caller, ident: str) -> Sessions:
    """Ends one, and answers it. Raises :class:`NotAllowed`, :class:`NotFound`."""
    require_own(by, Action.END_SESSIONS)
    here = or_(tokens.c.family == ident, and_(tokens.c.id == ident, tokens.c.family.is_(None)))
    async with by.context.database.write() as connection:
        ended = _sessions(by, await _alive(by, connection, here)) if well_formed(ident) else None
        if ended is None or not ended.sessions:
            raise NotFound("session.unknown", "There is no such session of yours; it may have ended already.")
        await end_tokens(by.context, connection, tokens.c.user_id == by.id, here)
        return ended


async def end_others(by: Caller) -> Sessions:
    """Ends all but the one that asks, and answers those. Raises :class:`NotAllowed`."""
    require_own(by, Action.END_SESSIONS)
    others = tokens.c.id != by.person.token_id
    async with by.context.database.write() as connection:
        ended = _sessions(by, await _alive(by, connection, others))
        await end_tokens(by.context, connection, tokens.c.user_id == by.id, others)
        return ended
