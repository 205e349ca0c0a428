"""Resumable uploads: received bytes are kept, survive a restart, and any server process can continue the upload.

The blob store is authoritative for how many bytes an upload has; the row's ``received`` may lag behind. An upload
expires a week after it was last written to.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import ClientDisconnect

from ...rules.errors import Conflict, Failed, InvalidValue, NoRoom, NotFound, Problem, TooLarge
from ..base.keys import new_id
from ..blobs import Discard
from ..blobs.base import Bytes
from ..context import Context
from ..database.tables import uploads
from .caller import Caller, well_formed
from .sends import LIFETIME, send_to_fill
from .upload_room import check_quotas, check_room, unfinished

#: Maximum number of unfinished uploads of one person.
MAX_UPLOADS = 1000
#: A client that sends nothing for this many seconds is disconnected; what it sent is kept.
STALL_SECONDS = 30.0
ALGORITHMS = ("sha256", "sha1")

# The row is only written again if its expiry would move by at least this much.
_MIN_EXTENSION = timedelta(minutes=1)


class BadHeader(InvalidValue):
    """A header is missing or malformed."""

    http_status = 400


class Locked(Conflict):
    """Another request is writing to the upload."""

    http_status = 423


class ChecksumMismatch(Failed):
    """The bytes don't match their checksum; none of them are kept."""

    http_status = 460


class Stalled(Failed):
    """The client sent nothing for too long."""

    http_status = 408


class _Refused(Discard):
    """None of the request's bytes are kept, because of ``problem``."""

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
    """A requested upload; ``fresh`` if it didn't exist before."""

    row: Row[Any]
    fresh: bool


async def create(by: Caller, send_id: str, size: int, metadata: str, chosen: str | None = None) -> Created:
    """Begin an empty upload of ``size`` bytes for one of the caller's sends.

    Repeating this with the same client-chosen id ``chosen`` returns the same upload.

    Raises :class:`TooLarge`, :class:`NotFound` for the send, :class:`Conflict` if there are too many uploads already or
    another upload has that id, :class:`NoRoom` if the bytes exceed the person's limits, ``Failed("disk_full")`` if the
    disk has no room for them.
    """
    if chosen is not None:
        async with by.context.database.read() as connection:
            existing = await _begun_before(by, connection, chosen, send_id, size)
        if existing is not None:
            return Created(existing, fresh=False)
    context = by.context
    if size > context.settings.max_upload:
        raise TooLarge(
            "upload.too_large", f"An upload can have at most {context.settings.max_upload:,} bytes."
        )
    now = context.clock()
    await check_quotas(by, size)
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
        await send_to_fill(by, connection, send_id)
        count, announced = await unfinished(by, connection)
        if count >= MAX_UPLOADS:
            raise Conflict(
                "upload.too_many",
                f"You have {MAX_UPLOADS:,} unfinished uploads; finish or cancel some first.",
            )
        limit = context.settings.unfinished_bytes
        if announced + size > limit:
            raise NoRoom(
                "quota.unfinished",
                f"Your unfinished uploads would exceed {limit:,} bytes in total; finish or cancel some first.",
            )
        await check_room(context, connection, size)
        # Only the insert decides between concurrent requests with the same id: the first one wins.
        insertion = (
            context.database.insert(uploads).values(**values).on_conflict_do_nothing(index_elements=["id"])
        )
        if (await connection.execute(insertion.returning(uploads.c.id))).first() is None:
            existing = await _begun_before(by, connection, upload_id, send_id, size)
            if existing is None:
                raise _id_taken()
            return Created(existing, fresh=False)
    if size == 0:
        # No request will write to it, but it needs bytes to become a document like any other.
        await context.blobs.append(key, 0, _no_bytes())
    return Created(await find(by, upload_id), fresh=True)


async def _begun_before(
    by: Caller, connection: AsyncConnection, upload_id: str, send_id: str, size: int
) -> Row[Any] | None:
    """The upload with that id, if it was begun by the same request. Raises :class:`Conflict` if by another one."""
    row = (await connection.execute(select(uploads).where(uploads.c.id == upload_id))).first()
    if row is None:
        return None
    expired = row.expires_at <= by.context.clock() and row.published_as is None
    if expired or (row.user_id, row.send_id, row.size) != (by.id, send_id, size):
        raise _id_taken()
    return row


def _id_taken() -> Conflict:
    # The same wording regardless of whose upload it is, so that it reveals nothing about other people's uploads.
    return Conflict("upload.id_taken", "This upload id can't be used; choose another one at random.")


async def _no_bytes() -> AsyncIterator[bytes]:
    yield b""


async def find(by: Caller, upload_id: str) -> Row[Any]:
    """One of the caller's own uploads that has not expired. Raises :class:`NotFound`."""
    row = None
    if well_formed(upload_id):
        query = select(uploads).where(uploads.c.id == upload_id, uploads.c.user_id == by.id)
        async with by.context.database.read() as connection:
            row = (await connection.execute(query)).first()
    if row is None or (row.expires_at <= by.context.clock() and row.published_as is None):
        raise NotFound("upload.unknown", "No such upload, or it has expired.")
    return row


async def length(by: Caller, upload: Row[Any]) -> int:
    """How many bytes have been received."""
    if upload.published_as is not None:
        return int(upload.size)
    return await by.context.blobs.length(upload.blob_key)


async def prefix(by: Caller, upload: Row[Any]) -> tuple[int, bytes | None]:
    """How many bytes have been received, and their SHA-256 if it is available without reading them."""
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
    stream: AsyncIterator[Bytes],
    declared: int | None,
    checksum: Checksum | None = None,
    *,
    truncate: bool = False,
    digest: bool = False,
) -> int:
    """Append the bytes of ``stream`` at ``offset``. Returns how many bytes the upload has then.

    ``declared`` is the request's stated length in bytes. ``truncate``: discard existing bytes from ``offset`` on.
    ``digest``: make :func:`prefix` available afterwards. If the client breaks off, what it sent so far is kept, and
    :class:`ClientDisconnect` or :class:`Stalled` is raised. Raises :class:`Conflict` for a wrong offset and for a
    published upload, :class:`Locked`, :class:`TooLarge`, :class:`ChecksumMismatch`.
    """
    if upload.published_as is not None:
        raise Conflict("upload.published", "This upload has already been published.")
    room = upload.size - offset
    # A wrong offset takes precedence, since the client can correct it.
    if declared is not None and declared > room and (truncate or await length(by, upload) == offset):
        raise _too_long(upload)
    try:
        received = await by.context.blobs.append(
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
    await _note(by.context, upload, received)
    return received


def _too_long(upload: Row[Any]) -> TooLarge:
    return TooLarge(
        "upload.too_long", f"The upload was announced with {upload.size:,} bytes, but more were sent."
    )


async def _checked(
    stream: AsyncIterator[Bytes], upload: Row[Any], room: int, checksum: Checksum | None
) -> AsyncIterator[Bytes]:
    """The pieces of ``stream``; raises :class:`Discard` if they are too long or don't match ``checksum``."""
    digest = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
    while True:
        try:
            async with asyncio.timeout(STALL_SECONDS):
                piece = await anext(stream)
        except StopAsyncIteration:
            break
        except TimeoutError:
            raise Stalled(
                "upload.stalled",
                "No bytes arrived for too long. What was received is kept; resume from there.",
            ) from None
        room -= len(piece)
        if room < 0:
            raise _Refused(_too_long(upload))
        if digest is not None:
            digest.update(piece)
        yield piece
    if checksum and digest and not hmac.compare_digest(digest.digest(), checksum.digest):
        raise _Refused(
            ChecksumMismatch("upload.checksum", "The bytes don't match their checksum; send them again.")
        )


async def _note(context: Context, upload: Row[Any], received: int) -> None:
    """Extend the expiry and note how many bytes have been received; neither has to be exact.

    Raises :class:`NotFound` if the upload was ended by another request.
    """
    expires_at = context.clock() + LIFETIME
    if received < upload.size and expires_at - upload.expires_at < _MIN_EXTENSION:
        query = select(uploads.c.id).where(uploads.c.id == upload.id)
        async with context.database.read() as connection:
            exists = (await connection.execute(query)).first() is not None
    else:
        async with context.database.write() as connection:
            noted = await connection.execute(
                update(uploads)
                .where(uploads.c.id == upload.id)
                .values(received=received, expires_at=expires_at)
                .returning(uploads.c.id)
            )
            exists = noted.first() is not None
    if not exists:
        await context.blobs.delete(upload.blob_key)
        raise NotFound("upload.unknown", "This upload was ended by another request.")
