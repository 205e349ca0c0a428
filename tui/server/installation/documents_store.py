"""Which store an installation keeps its documents in: the data folder, or an S3 store that was marked as its own.

The mark is an object with an id that the database has, too. So documents are never looked for in another bucket, where
none of them would be found, and never stored, or deleted, where those of another installation are.
"""

from __future__ import annotations

import os

from sqlalchemy import exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import Failed
from ..base.settings import Settings
from ..blobs.base import StoreAway
from ..blobs.s3.address import endpoint_of, parse_store
from ..blobs.s3.store import S3Pieces
from ..blobs.sealing.rows import Sealing
from ..context import Context
from ..database.tables import blobs, installation, sealed_contents, uploads

_ID_DIGITS = 32


def connected(settings: Settings) -> S3Pieces | None:
    """The S3 store that the settings name, if they name one. Raises :class:`InvalidValue`."""
    if settings.store is None:
        return None
    return S3Pieces(parse_store(settings.store), endpoint_of(os.environ))


async def join(context: Context) -> None:
    """Make the store that the settings name the installation's if this has no documents yet. Raises :class:`Failed` if
    its documents are elsewhere, or the store isn't to be used by it."""
    async with context.database.read() as connection:
        ident = await _known(context, connection)
    store = context.store
    if not isinstance(store, S3Pieces):
        return
    # The same each time, should this be interrupted.
    wanted = ident or context.keys.lookup(f"store {store.address.url}").hex()[:_ID_DIGITS]
    try:
        found = await store.marker()
        if found is None and ident is None:
            await store.mark(wanted)
            found = await store.marker()
    except StoreAway as failure:
        if ident is None or failure.refuses:
            raise _cannot_use(store, f"{failure.why}.") from failure
        # It may come back, and links can be opened until then; requests wait for it.
        return
    _check_marker(store, found, wanted)
    if ident is None:
        await _bind(context, wanted)


async def _known(context: Context, connection: AsyncConnection) -> str | None:
    """The id of the installation's store. Raises :class:`Failed` if the settings name another kind of store than the
    one that documents are in."""
    ident = (await connection.execute(select(installation.c.store_id))).scalar()
    if context.settings.store is None:
        if ident is not None:
            raise Failed(
                "store.elsewhere",
                "The documents of this installation are in an S3 store. Say in which one, with --store or as store in "
                "the configuration file.",
            )
    elif ident is None and await _has_documents(connection):
        raise Failed(
            "store.elsewhere",
            "The documents of this installation are in its data folder; only a new one can keep them in a store. Leave "
            "store out.",
        )
    return ident


async def _bind(context: Context, ident: str) -> None:
    async with context.database.write() as connection:
        await connection.execute(select(installation.c.id).with_for_update())
        if await _known(context, connection) is None:
            # Nothing lies plain, nor ever will.
            await connection.execute(update(installation).values(store_id=ident, sealing=Sealing.DONE))


async def check(context: Context, connection: AsyncConnection) -> None:
    """Raise :class:`Failed` if the settings name another kind of store than the one that documents are in. Changes
    nothing, and asks nobody."""
    await _known(context, connection)


async def _has_documents(connection: AsyncConnection) -> bool:
    tables = (blobs, uploads, sealed_contents)
    return bool((await connection.execute(select(or_(*(exists(select(t)) for t in tables))))).scalar())


def _check_marker(store: S3Pieces, found: str | None, ident: str) -> None:
    if found is None:
        raise _cannot_use(
            store, "It holds nothing of this installation. Name the bucket that its documents are in."
        )
    if found != ident:
        raise _cannot_use(store, "It belongs to another installation. Choose another bucket or prefix.")


def _cannot_use(store: S3Pieces, why: str) -> Failed:
    return Failed("store.unusable", f"Documents can't be kept in {store.address.url}: {why}")
