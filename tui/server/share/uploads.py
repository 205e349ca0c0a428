"""Uploads in pieces: what arrived is kept, survives a restart, and can go on at another server process.

How many bytes an upload has is what the store says; the row's ``received`` may lag behind it. An upload lives for a
week after it was last written to.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import ClientDisconnect

from ...rules.errors import Conflict, Failed, InvalidValue, NoRoom, NotFound, Problem, TooLarge
from ..blobs import Discard
from ..context import Context
from ..database.tables import uploads
from ..disk import disk_full
from ..gc import bury, condemn
from ..keys import new_id
from .caller import Caller, well_formed
from .sends import send_of

LIFETIME = timedelta(days=7)
#: Unfinished uploads of one person; more are refused.
MAX_UPLOADS = 1000
#: A sender that gives nothing for so many seconds is let go; what it gave is kept.
STALL_SECONDS = 30.0
ALGORITHMS = ("sha256", "sha1")

# The row is written again once its expiry would move by so much.
_NOTED = timedelta(minutes=1)
# Expired uploads are removed a while after they stopped being found, when no request can be writing them.
_MARGIN = timedelta(hours=1)
_BATCH = 200


class BadHeader(InvalidValue):
    """A header that is missing or cannot be read."""

    http_status = 400


class Locked(Conflict):
    """Another request is writing the upload."""

    http_status = 423


class ChecksumMismatch(Failed):
    """The bytes are not those that the checksum is of; nothing of them is kept."""

    http_status = 460


class Stalled(Failed):
    """The sender gave nothing for too long."""

    http_status = 408


class _Refused(Discard):
    """Nothing of the request's bytes is kept, because of ``problem``."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Checksum:
    """The digest that a request's bytes must have."""

    algorithm: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Created:
    """An upload that was asked for; ``fresh`` where it was not there before."""

    row: Row[Any]
    fresh: bool


async def create(by: Caller, send_id: str, size: int, metadata: str, chosen: str | None = None) -> Created:
    """An empty upload of ``size`` bytes for one of the caller's sends; under the id ``chosen`` by the client, it is
    begun once however often that is asked.

    Raises :class:`TooLarge`, :class:`NotFound` for the send, :class:`Conflict` where there are too many already or
    another upload has that id, :class:`NoRoom` where these are too many bytes, ``Failed("disk_full")`` where the disk
    has no room for them.
    """
    if chosen is not None:
        async with by.context.database.read() as connection:
            known = await _begun_before(by, connection, chosen, send_id, size)
        if known is not None:
            return Created(known, fresh=False)
    context = by.context
    if size > context.settings.max_upload:
        raise TooLarge(
            "upload.too_large", f"{context.settings.max_upload:,} bytes is the most that one upload can have."
        )
    now = context.clock()
    await _check_quotas(by, size)
    upload_id, key = chosen or new_id(), context.blobs.new_key()
    values = {
        "id": upload_id,
        "user_id": by.id,
        "send_id": send_id,
        "blob_key": key,
        "size": size,
        "received": 0,
        "metadata": metadata,
        "created_at": now,
        "expires_at": now + LIFETIME,
    }
    async with context.database.write() as connection:
        await send_of(by, connection, send_id)
        count, announced = await _unfinished(by, connection)
        if count >= MAX_UPLOADS:
            raise Conflict(
                "upload.too_many", f"You have {MAX_UPLOADS:,} unfinished uploads; finish or end some first."
            )
        most = context.settings.unfinished_bytes
        if announced + size > most:
            raise NoRoom(
                "quota.unfinished",
                f"Your unfinished uploads may have {most:,} bytes, and would have more; finish or end some first.",
            )
        await check_room(context, connection, size)
        # Nothing tells a repeated request from another's but this: the first one in is the one that counts.
        dialect: Any = sqlite if context.database.sqlite else postgresql
        begun = dialect.insert(uploads).values(**values).on_conflict_do_nothing(index_elements=["id"])
        if (await connection.execute(begun.returning(uploads.c.id))).first() is None:
            known = await _begun_before(by, connection, upload_id, send_id, size)
            if known is None:
                raise _id_taken()
            return Created(known, fresh=False)
    if size == 0:
        # Nothing will be written to it, and yet it is a document like any other.
        await context.blobs.append(key, 0, _nothing())
    return Created(await find(by, upload_id), fresh=True)


async def _begun_before(
    by: Caller, connection: AsyncConnection, upload_id: str, send_id: str, size: int
) -> Row[Any] | None:
    """The upload of that id, where the same was asked before. Raises :class:`Conflict` where it is another."""
    row = (await connection.execute(select(uploads).where(uploads.c.id == upload_id))).first()
    if row is None:
        return None
    over = row.expires_at <= by.context.clock() and row.published_as is None
    if over or (row.user_id, row.send_id, row.size) != (by.id, send_id, size):
        raise _id_taken()
    return row


def _id_taken() -> Conflict:
    # In the same words whoever has it: it is nobody's business what others have begun.
    return Conflict(
        "upload.id_taken", "An upload can't be begun under this id; choose another one at random."
    )


async def _check_quotas(by: Caller, size: int) -> None:
    """Raises :class:`NoRoom` where the person would have too many bytes once all that they have begun is there."""
    async with by.context.database.read() as connection:
        _, announced = await _unfinished(by, connection)
    await by.context.quotas.check(by.person.name, announced + size)


async def _unfinished(by: Caller, connection: AsyncConnection) -> tuple[int, int]:
    """How many unfinished uploads the person has, and the bytes that are announced of them."""
    own = uploads.c.user_id == by.id, uploads.c.published_as.is_(None)
    query = select(func.count(), func.coalesce(func.sum(uploads.c.size), 0)).where(
        *own, uploads.c.expires_at > by.context.clock()
    )
    count, announced = (await connection.execute(query)).one()
    return count, int(announced)


async def check_room(context: Context, connection: AsyncConnection, size: int) -> None:
    """Raises ``Failed("disk_full")`` unless ``size`` bytes more fit on the disk beside a reserve, and beside all that
    was announced and is not there yet."""
    unfinished = uploads.c.published_as.is_(None), uploads.c.expires_at > context.clock()
    announced = select(func.coalesce(func.sum(uploads.c.size), 0)).where(*unfinished)
    room = context.blobs.room() - size
    if room >= int((await connection.execute(announced)).scalar_one()):
        return
    rows = (await connection.execute(select(uploads.c.blob_key, uploads.c.size).where(*unfinished))).all()
    kept = await context.blobs.lengths([row.blob_key for row in rows])
    if room < sum(row.size - there for row, there in zip(rows, kept, strict=True)):
        raise disk_full(size)


async def _nothing() -> AsyncIterator[bytes]:
    yield b""


async def find(by: Caller, upload_id: str) -> Row[Any]:
    """One of the caller's own uploads that has not expired. Raises :class:`NotFound`."""
    row = None
    if well_formed(upload_id):
        query = select(uploads).where(uploads.c.id == upload_id, uploads.c.user_id == by.id)
        async with by.context.database.read() as connection:
            row = (await connection.execute(query)).first()
    if row is None or (row.expires_at <= by.context.clock() and row.published_as is None):
        raise NotFound("upload.unknown", "There is no such upload, or no longer.")
    return row


async def length(by: Caller, upload: Row[Any]) -> int:
    """How many bytes have arrived."""
    if upload.published_as is not None:
        return int(upload.size)
    return await by.context.blobs.length(upload.blob_key)


async def prefix(by: Caller, upload: Row[Any]) -> tuple[int, bytes | None]:
    """How many bytes have arrived, and their SHA-256 where that is quickly told."""
    if upload.published_as is not None:
        return int(upload.size), None
    try:
        return await by.context.blobs.prefix(upload.blob_key)
    except FileNotFoundError:
        return 0, None


async def receive(
    by: Caller,
    upload: Row[Any],
    offset: int,
    stream: AsyncIterator[bytes],
    declared: int | None,
    checksum: Checksum | None = None,
    *,
    truncate: bool = False,
    digest: bool = False,
) -> int:
    """Appends what ``stream`` gives at ``offset`` and answers how many bytes the upload has then.

    ``truncate``: what is there from ``offset`` on is forgotten. ``digest``: :func:`prefix` is to be had afterwards.
    ``declared`` is how many bytes the request says it has. Where the sender breaks off, what came until then is
    kept, and :class:`ClientDisconnect` or :class:`Stalled` is raised. Raises :class:`Conflict` for a wrong
    offset and for what is published, :class:`Locked`, :class:`TooLarge`, :class:`ChecksumMismatch`.
    """
    if upload.published_as is not None:
        raise Conflict("upload.published", "This upload was published already.")
    room = upload.size - offset
    # A wrong offset is told first: it is what the client can mend.
    if declared is not None and declared > room and (truncate or await length(by, upload) == offset):
        raise _too_long(upload)
    try:
        kept = await by.context.blobs.append(
            upload.blob_key,
            offset,
            _checked(stream, upload, room, checksum),
            exact=not truncate,
            digest=digest,
        )
    except _Refused as refused:
        raise refused.problem from None
    except Conflict as error:
        raise Locked(error.code, error.message) if error.code == "upload.locked" else error from None
    except (ClientDisconnect, Stalled):
        await _note(by.context, upload, await by.context.blobs.length(upload.blob_key))
        raise
    await _note(by.context, upload, kept)
    return kept


def _too_long(upload: Row[Any]) -> TooLarge:
    return TooLarge("upload.too_long", f"The upload was announced with {upload.size:,} bytes; this is more.")


async def _checked(
    stream: AsyncIterator[bytes], upload: Row[Any], room: int, checksum: Checksum | None
) -> AsyncIterator[bytes]:
    """The pieces of ``stream``; raises :class:`Discard` where they are too many, or not those of ``checksum``."""
    digest = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
    while True:
        try:
            async with asyncio.timeout(STALL_SECONDS):
                piece = await anext(stream)
        except StopAsyncIteration:
            break
        except TimeoutError:
            raise Stalled(
                "upload.stalled", "Nothing came for too long; what had arrived is kept, so go on from there."
            ) from None
        room -= len(piece)
        if room < 0:
            raise _Refused(_too_long(upload))
        if digest is not None:
            digest.update(piece)
        yield piece
    if checksum and digest and not hmac.compare_digest(digest.digest(), checksum.digest):
        raise _Refused(
            ChecksumMismatch("upload.checksum", "The bytes do not match their checksum; send them again.")
        )


async def _note(context: Context, upload: Row[Any], received: int) -> None:
    """Moves the expiry, and notes what has arrived; neither has to be exact. Raises :class:`NotFound` where the
    upload was ended meanwhile."""
    expires_at = context.clock() + LIFETIME
    if received < upload.size and expires_at - upload.expires_at < _NOTED:
        query = select(uploads.c.id).where(uploads.c.id == upload.id)
        async with context.database.read() as connection:
            there = (await connection.execute(query)).first() is not None
    else:
        async with context.database.write() as connection:
            noted = await connection.execute(
                update(uploads)
                .where(uploads.c.id == upload.id)
                .values(received=received, expires_at=expires_at)
                .returning(uploads.c.id)
            )
            there = noted.first() is not None
    if not there:
        await context.blobs.delete(upload.blob_key)
        raise NotFound("upload.unknown", "This upload was ended by another request.")


async def terminate(by: Caller, upload_id: str) -> None:
    """Ends an upload and forgets its bytes; those of a published one are the document's and stay.

    Raises :class:`NotFound`.
    """
    upload = await find(by, upload_id)
    async with by.context.database.write() as connection:
        await _remove(connection, [upload.id], by.context)
    await bury(by.context)


async def end_all(by: Caller, send_id: str) -> int:
    """Ends all unfinished uploads of one of the caller's sends; answers how many. Raises :class:`NotFound`."""
    async with by.context.database.write() as connection:
        await send_of(by, connection, send_id)
        query = select(uploads.c.id).where(
            uploads.c.send_id == send_id, uploads.c.user_id == by.id, uploads.c.published_as.is_(None)
        )
        ids = list((await connection.execute(query)).scalars())
        for start in range(0, len(ids), _BATCH):
            await _remove(connection, ids[start : start + _BATCH], by.context)
    await bury(by.context)
    return len(ids)


async def _remove(connection: Any, ids: list[str], context: Context) -> None:
    removed = await connection.execute(
        delete(uploads).where(uploads.c.id.in_(ids)).returning(uploads.c.blob_key, uploads.c.published_as)
    )
    for row in removed.all():
        if row.published_as is None:
            await condemn(connection, row.blob_key, context.clock())


async def remove_expired(context: Context) -> None:
    """Removes the uploads that expired, and their bytes unless they were published."""
    expired = uploads.c.expires_at <= context.clock() - _MARGIN
    while True:
        async with context.database.read() as connection:
            query = select(uploads.c.id).where(expired).limit(_BATCH)
            ids = list((await connection.execute(query)).scalars())
        if not ids:
            return
        async with context.database.write() as connection:
            await _remove(connection, ids, context)
