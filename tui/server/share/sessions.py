"""A person's sessions, one per sign-in regardless of how many tokens it has, and ending them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.authorization import Action
from ...rules.errors import NotFound
from ...wire.people import Session, SessionKind, Sessions
from ..accounts.users import end_tokens, ends_at
from ..database.tables import tokens
from .caller import Caller, require_own, well_formed

#: How many tokens are considered, the last used first.
_MAX_TOKENS = 2_000
_PROGRAMS: dict[str, SessionKind] = {"app": "app", "command line": "command line"}


def _session_id(row: Row[Any]) -> str:
    return str(row.family or row.id)


async def _valid_tokens(
    by: Caller, connection: AsyncConnection, *where: ColumnElement[bool]
) -> list[Row[Any]]:
    """The caller's tokens that are still valid, the last used first."""
    query = (
        select(tokens)
        .where(tokens.c.user_id == by.id, tokens.c.revoked_at.is_(None), *where)
        .order_by(tokens.c.used_at.desc(), tokens.c.id)
        .limit(_MAX_TOKENS)
    )
    now = by.context.clock()
    rows = (await connection.execute(query)).all()
    # The request's own token was accepted: over the socket, the data folder's token is valid even after its expiry.
    own_token_id = by.person.token_id
    return [row for row in rows if row.id == own_token_id or (end := ends_at(row)) is None or end > now]


def _sessions(by: Caller, rows: Sequence[Row[Any]]) -> Sessions:
    tokens_by_session: dict[str, list[Row[Any]]] = {}
    for row in rows:
        tokens_by_session.setdefault(_session_id(row), []).append(row)
    return Sessions(sessions=[_session(by, ident, found) for ident, found in tokens_by_session.items()])


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
    """The caller's sessions, the last used first. Raises :class:`NotAllowed` if a program asks on their behalf."""
    require_own(by, Action.READ_SESSIONS)
    async with by.context.database.read() as connection:
        return _sessions(by, await _valid_tokens(by, connection))


async def end(by: Caller, ident: str) -> Sessions:
    """End one of the caller's sessions and return it. Raises :class:`NotAllowed`, :class:`NotFound`."""
    require_own(by, Action.END_SESSIONS)
    in_session = or_(tokens.c.family == ident, and_(tokens.c.id == ident, tokens.c.family.is_(None)))
    async with by.context.database.write() as connection:
        ended = _sessions(by, await _valid_tokens(by, connection, in_session)) if well_formed(ident) else None
        if ended is None or not ended.sessions:
            raise NotFound("session.unknown", "You have no such session; it may have ended already.")
        await end_tokens(by.context, connection, tokens.c.user_id == by.id, in_session)
        return ended


async def end_others(by: Caller) -> Sessions:
    """End all the caller's sessions but the current one, and return them. Raises :class:`NotAllowed`."""
    require_own(by, Action.END_SESSIONS)
    others = tokens.c.id != by.person.token_id
    async with by.context.database.write() as connection:
        ended = _sessions(by, await _valid_tokens(by, connection, others))
        await end_tokens(by.context, connection, tokens.c.user_id == by.id, others)
        return ended
