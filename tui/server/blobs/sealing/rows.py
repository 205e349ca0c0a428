"""The rows of sealed contents: their keys, wrapped by the installation's, and the lists of their pieces."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...base.keys import Keys
from ...database import Database
from ...database.tables import dead_blobs, installation, sealed_contents, sealed_pieces
from .. import moves
from . import wrapping
from .contents import SealedContent, StoredPiece

_ROWS: Select[Any] = (
    select(
        sealed_contents.c.key,
        sealed_contents.c.wrapped,
        sealed_contents.c.wrapped_by,
        sealed_contents.c.mac,
        sealed_pieces.c.number,
        sealed_pieces.c.name,
        sealed_pieces.c.salt,
        sealed_pieces.c.stored,
        sealed_pieces.c.used,
    )
    .join_from(sealed_contents, sealed_pieces, isouter=True)
    .where(sealed_contents.c.key.in_(bindparam("keys", expanding=True)))
    .order_by(sealed_contents.c.key, sealed_pieces.c.number)
)
_LOCK = (
    select(sealed_contents.c.key, sealed_contents.c.mac)
    .where(sealed_contents.c.key == bindparam("key"))
    .with_for_update()
)
_LAST = (
    select(*(sealed_pieces.c[name] for name in StoredPiece._fields))
    .where(sealed_pieces.c.content == bindparam("key"))
    .order_by(sealed_pieces.c.number.desc())
    .limit(1)
)
_SOME = 500


class ContentEnd(NamedTuple):
    """What fixes a content (``None``: nothing yet), and its last piece. Names are used once, and what is before a piece
    never changes while that is there: so whose last piece is the same is the same."""

    mac: bytes | None
    last: StoredPiece | None


class Sealing(StrEnum):
    """How far the installation is with sealing its documents; an installation that hasn't begun has no value."""

    BEGUN = "begun"
    DONE = "done"


async def sealing(connection: AsyncConnection) -> Sealing | None:
    """How far the installation is."""
    found = (await connection.execute(select(installation.c.sealing))).scalar()
    return None if found is None else Sealing(found)


async def note_sealing(connection: AsyncConnection, before: Sealing | None, now: Sealing) -> bool:
    """Note how far the installation is, if it was still there ``before``."""
    noted = update(installation).where(installation.c.sealing.is_not_distinct_from(before))
    return (await connection.execute(noted.values(sealing=now))).rowcount > 0


async def load(connection: AsyncConnection, keys: Keys, wanted: Sequence[str]) -> dict[str, SealedContent]:
    """Those of the ``wanted`` contents that are sealed, by key. Raises ``Failed`` for another installation's."""
    found: dict[str, list[Row[Any]]] = {}
    for start in range(0, len(wanted), _SOME):
        values = {"keys": wanted[start : start + _SOME]}
        for row in (await connection.execute(_ROWS, values)).all():
            found.setdefault(row.key, []).append(row)
    if not all(keys.knows(rows[0].wrapped_by) for rows in found.values()):
        await wrapping.look(connection, keys)
    return {key: _content(keys, rows) for key, rows in found.items()}


async def load_locked(connection: AsyncConnection, keys: Keys, key: str) -> SealedContent | None:
    """A content that nobody else changes until the transaction ends."""
    if (await connection.execute(_LOCK, {"key": key})).first() is None:
        return None
    return (await load(connection, keys, [key])).get(key)


def _content(keys: Keys, rows: Sequence[Row[Any]]) -> SealedContent:
    first = rows[0]
    secret = keys.unwrap(first.wrapped, first.wrapped_by, first.key)
    pieces = tuple(
        StoredPiece(row.number, row.name, row.salt, row.stored, row.used)
        for row in rows
        if row.name is not None
    )
    return SealedContent(first.key, secret, pieces, first.mac)


async def add(connection: AsyncConnection, keys: Keys, contents: Sequence[SealedContent]) -> None:
    """Write the rows of new contents."""
    await wrapping.before_writing(connection, keys)
    rows = [
        {
            "key": content.key,
            "wrapped": keys.wrap(content.secret, content.key),
            "wrapped_by": keys.wrapping_id,
            "mac": content.mac,
        }
        for content in contents
    ]
    await connection.execute(insert(sealed_contents), rows)
    await _add_pieces(connection, ((content, piece) for content in contents for piece in content.pieces))
    # Those that have their content's name are the caller's to unmark.
    await unmark(connection, [p.name for each in contents for p in each.pieces if p.name != each.key])


async def begin(database: Database, connection: AsyncConnection, keys: Keys, content: SealedContent) -> bool:
    """Write the row of a new content without pieces, unless someone else has just done so."""
    await wrapping.before_writing(connection, keys)
    values = {
        "key": content.key,
        "wrapped": keys.wrap(content.secret, content.key),
        "wrapped_by": keys.wrapping_id,
    }
    insertion = database.insert(sealed_contents).values(**values).on_conflict_do_nothing()
    return (await connection.execute(insertion.returning(sealed_contents.c.key))).first() is not None


async def change(
    connection: AsyncConnection, before: SealedContent, after: SealedContent, now: datetime
) -> None:
    """Write what is different in the list of pieces. Those that are no longer in it are marked for deletion."""
    kept = {piece.name: piece for piece in after.pieces}
    had = {piece.name: piece for piece in before.pieces}
    gone = [name for name in had if name not in kept]
    if gone:
        await connection.execute(delete(sealed_pieces).where(sealed_pieces.c.name.in_(gone)))
        await mark(connection, gone, now)
    for name, piece in kept.items():
        if name in had and had[name] != piece:
            await connection.execute(
                update(sealed_pieces)
                .where(sealed_pieces.c.name == name)
                .values(used=piece.used, stored=piece.stored)
            )
    new = [piece for name, piece in kept.items() if name not in had]
    if new:
        await _add_pieces(connection, ((after, piece) for piece in new))
        await unmark(connection, [piece.name for piece in new])


async def load_end(connection: AsyncConnection, key: str) -> ContentEnd | None:
    """The end of a content that nobody else changes until the transaction ends."""
    locked = (await connection.execute(_LOCK, {"key": key})).first()
    if locked is None:
        return None
    row = (await connection.execute(_LAST, {"key": key})).first()
    return ContentEnd(locked.mac, None if row is None else StoredPiece(*row))


async def append_piece(connection: AsyncConnection, content: SealedContent, piece: StoredPiece) -> None:
    """Write the row of a piece that follows those of ``content``."""
    await _add_pieces(connection, [(content, piece)])


async def _add_pieces(
    connection: AsyncConnection, pieces: Iterable[tuple[SealedContent, StoredPiece]]
) -> None:
    found = list(pieces)
    if found:
        stores = frozenset[str]().union(*(content.written_to for content, _ in found))
        store = await moves.before_noting(connection, stores)
        rows = [{"content": content.key, **piece._asdict(), "store": store} for content, piece in found]
        await connection.execute(insert(sealed_pieces), rows)


async def end(connection: AsyncConnection, name: str, stored: int, used: int) -> bool:
    """Note how much a piece has, unless it is no longer there or someone else has noted it."""
    ended = (
        update(sealed_pieces)
        .where(sealed_pieces.c.name == name, sealed_pieces.c.stored.is_(None))
        .values(stored=stored, used=used)
        .returning(sealed_pieces.c.name)
    )
    return (await connection.execute(ended)).first() is not None


async def drop_piece(connection: AsyncConnection, name: str, now: datetime) -> None:
    """Take out a piece that has nothing, unless its end has been noted."""
    dropped = (
        delete(sealed_pieces)
        .where(sealed_pieces.c.name == name, sealed_pieces.c.stored.is_(None))
        .returning(sealed_pieces.c.name)
    )
    if (await connection.execute(dropped)).first() is not None:
        await mark(connection, [name], now)


async def fix(connection: AsyncConnection, key: str, mac: bytes) -> None:
    """Note what fixes a content."""
    await connection.execute(update(sealed_contents).where(sealed_contents.c.key == key).values(mac=mac))


async def forget(connection: AsyncConnection, key: str) -> list[str]:
    """Destroy a content's key, and return the names of its pieces, which are noise from now on."""
    names = await connection.execute(
        delete(sealed_pieces).where(sealed_pieces.c.content == key).returning(sealed_pieces.c.name)
    )
    found = list(names.scalars())
    await connection.execute(delete(sealed_contents).where(sealed_contents.c.key == key))
    return found


async def mark(connection: AsyncConnection, names: Collection[str], since: datetime) -> None:
    """Have bytes deleted from ``since`` on, also if they were to be deleted later."""
    if names:
        await connection.execute(delete(dead_blobs).where(dead_blobs.c.key.in_(names)))
        await connection.execute(insert(dead_blobs), [{"key": name, "since": since} for name in names])


async def unmark(connection: AsyncConnection, names: Collection[str]) -> int:
    """Keep what is stored under these names. Returns how many of them were marked for deletion."""
    if not names:
        return 0
    return (await connection.execute(delete(dead_blobs).where(dead_blobs.c.key.in_(names)))).rowcount
