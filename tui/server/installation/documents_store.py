"""Which store an installation keeps its documents in: the data folder, or an S3 store that was marked as its own.

The mark is an object with an id that the database has, too. So documents are never looked for in another bucket, where
none of them would be found, and never stored, or deleted, where those of another installation are. The database has the
store's address as well: two servers of one installation can't use two stores, such as a bucket and a copy of it.
"""

from __future__ import annotations

import os

from sqlalchemy import exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import Failed, InvalidValue
from ..base.settings import Settings
from ..blobs import moves
from ..blobs.base import FOLDER, OwnStore, StoreAway
from ..blobs.moves import StorePlace, WhereStored
from ..blobs.s3.address import endpoint_of, parse_store
from ..blobs.s3.store import S3Pieces
from ..blobs.sealing.rows import Sealing, sealing
from ..context import Context
from ..database.tables import blobs, installation, sealed_contents, uploads

_ID_DIGITS = 32


def place_of(context: Context, url: str | None) -> StorePlace:
    """What a store is known by, from its address (``None``: the data folder). Raises :class:`InvalidValue`."""
    if url is None:
        return StorePlace(FOLDER, None)
    address = parse_store(url)
    # The same each time, should the first start be interrupted.
    return StorePlace(context.keys.lookup(f"store {address.url}").hex()[:_ID_DIGITS], address.url)


def connect(context: Context, place: StorePlace) -> OwnStore:
    """The store, connected. Raises :class:`InvalidValue`, and :class:`Failed` if the environment lacks something."""
    for store in context.stores.connected:
        if store.ident == place.id:
            return store
    if place.is_folder:
        return context.stores.folder
    url = place.url or context.settings.store
    if url is None:
        raise _in_a_store(place)
    try:
        return S3Pieces(parse_store(url), endpoint_of(os.environ), place.id)
    except StoreAway as failure:
        raise cannot_use(url, f"{failure.why}.") from failure


def _take_up(context: Context, where: WhereStored) -> None:
    context.stores.connect([connect(context, place) for place in where.connected])
    context.stores.seen, context.stores.trouble_of_move = where.step, ""


async def join(context: Context) -> None:
    """Make the store that the settings name the installation's if this has no documents yet; otherwise connect to where
    these are. Raises :class:`Failed` if they are elsewhere, or the store isn't to be used by this installation."""
    context.stores.refresh = lambda: follow(context)
    async with context.database.read() as connection:
        where = await moves.look(connection)
        is_new = where.present.is_folder and where.move is None and not await _has_documents(connection)
        is_sealed = await sealing(connection) is Sealing.DONE
    if is_new and context.settings.store is not None:
        await _begin(context, context.settings.store)
        return
    _check_settings(context.settings, where, is_sealed=is_sealed)
    _take_up(context, where)
    for place, store in zip(where.connected, context.stores.connected, strict=True):
        if where.move is not None or not place.is_folder:
            await _check_marker(store, place, where)
    if not where.present.is_folder and where.present.url is None:
        await _note_url(context, where.present)


async def _begin(context: Context, url: str) -> None:
    place = place_of(context, url)
    store = connect(context, place)
    assert place.url is not None
    try:
        await take(store, place)
    except StoreAway as failure:
        raise cannot_use(place.url, f"{failure.why}.") from failure
    async with context.database.write() as connection:
        await connection.execute(select(installation.c.id).with_for_update())
        where = await moves.look(connection, locked=True)
        if where.present.is_folder and where.move is None and not await _has_documents(connection):
            # Nothing lies plain, nor ever will.
            values = {"store_id": place.id, "store_url": place.url, "sealing": Sealing.DONE}
            await connection.execute(update(installation).values(values))
            where = await moves.look(connection)
        is_sealed = await sealing(connection) is Sealing.DONE
    _check_settings(context.settings, where, is_sealed=is_sealed)
    _take_up(context, where)


async def take(store: OwnStore, place: StorePlace) -> None:
    """Mark a store as the installation's. Raises :class:`Failed` if it is another's, and :class:`StoreAway`."""
    found = await store.marker()
    if found is None:
        await store.mark(place.id)
        found = await store.marker()
    if found != place.id:
        raise cannot_use(place.name, "It belongs to another installation. Choose another bucket or prefix.")


async def connect_to_look(context: Context, connection: AsyncConnection, *, checked: bool) -> None:
    """Connect to where documents are. Changes nothing, and asks nobody. Raises :class:`Failed` if the settings name
    another store, unless that isn't to be ``checked``."""
    context.stores.refresh = lambda: follow(context)
    where = await moves.look(connection)
    if checked and not (where.present.is_folder and not await _has_documents(connection)):
        _check_settings(context.settings, where, is_sealed=await sealing(connection) is Sealing.DONE)
    _take_up(context, where)


async def follow(context: Context) -> bool:
    """Take up a step of a move to another store; returns whether there was one. If a server can't use the new store,
    whoever moves documents is told (:mod:`.processes`), and nothing is moved."""
    stores = context.stores
    async with context.database.read() as connection:
        where = await moves.look(connection)
    # One that has hung may have missed all of it.
    if stores.seen == where.step and stores.writing().ident == where.writing.id:
        return False
    try:
        if where.move is not None and not where.move.is_over:
            for place in where.connected:
                store = connect(context, place)
                if store not in stores.connected:
                    await _check_reached(store, place, where)
        _take_up(context, where)
    except (Failed, InvalidValue, StoreAway, OSError) as error:
        stores.trouble_of_move = error.why if isinstance(error, StoreAway) else str(error)
        return False
    return True


async def _check_reached(store: OwnStore, place: StorePlace, where: WhereStored) -> None:
    # First what takes a few seconds at most.
    if (trouble := await store.trouble()) is not None:
        raise cannot_use(place.name, trouble)
    await _check_marker(store, place, where)


def _check_settings(settings: Settings, where: WhereStored, *, is_sealed: bool) -> None:
    """Raise :class:`Failed` if the settings name another store than one that documents are in. Those that aren't all
    sealed can't be moved yet."""
    named = None if settings.store is None else parse_store(settings.store).url
    allowed = {place.url for place in where.connected}
    if where.move is not None:
        # Before the command has ended, nobody knows that the servers are to be started with another.
        allowed |= {where.move.source.url, where.move.target.url}
    is_unknown = not where.present.is_folder and where.present.url is None
    if named in allowed and not (is_unknown and named is None):
        return
    if is_unknown and named is not None:
        # Its mark shows whether it is the one.
        return
    present = where.writing
    if present.is_folder:
        move = f"sentlinks admin move-store {FOLDER} {named}"
        raise Failed(
            "store.elsewhere",
            f"The documents of this installation are in its data folder. Leave store out; to move them: {move}"
            if is_sealed
            else "The documents of this installation are in its data folder, and not all are encrypted yet. Leave "
            "store out; to move them, first have them encrypted while the server runs (sentlinks admin seal --begin), "
            f"then: {move}",
        )
    if named is None:
        raise _in_a_store(present)
    raise Failed(
        "store.elsewhere",
        f"The documents of this installation are in {present.url}, not in {named}. Name that one with --store or as "
        f"store in the configuration file; to move them: sentlinks admin move-store {present.url} {named}",
    )


def _in_a_store(present: StorePlace) -> Failed:
    which = f"in {present.url}" if present.url else "in an S3 store"
    return Failed(
        "store.elsewhere",
        f"The documents of this installation are {which}. Say so with --store or as store in the configuration file.",
    )


async def _has_documents(connection: AsyncConnection) -> bool:
    tables = (blobs, uploads, sealed_contents)
    return bool((await connection.execute(select(or_(*(exists(select(t)) for t in tables))))).scalar())


async def _check_marker(store: OwnStore, place: StorePlace, where: WhereStored) -> None:
    """Raise :class:`Failed` if it isn't the store that is meant. One that can't be reached may come back."""
    if where.move is None:
        wanted = place.id
    elif place.is_folder and place == where.move.source:
        # There is nothing that would tell it from another.
        return
    else:
        wanted = where.move.mark_of(place)
    try:
        found = await store.marker()
    except StoreAway as failure:
        if failure.refuses:
            raise cannot_use(place.name, f"{failure.why}.") from failure
        return
    if found is None:
        raise cannot_use(
            place.name, "It holds nothing of this installation. Name the store that its documents are in."
        )
    if found != wanted:
        raise cannot_use(place.name, "It belongs to another installation. Choose another bucket or prefix.")


async def _note_url(context: Context, present: StorePlace) -> None:
    assert context.settings.store is not None
    url = parse_store(context.settings.store).url
    async with context.database.write() as connection:
        same = installation.c.store_id == present.id
        await connection.execute(update(installation).where(same).values(store_url=url))


def cannot_use(url: str, why: str) -> Failed:
    """The problem with a store."""
    return Failed("store.unusable", f"{unusable(url)}: {why}")


def unusable(url: str) -> str:
    """What a problem with a store means."""
    return f"Documents can't be kept in {in_words(url)}"


def in_words(url: str) -> str:
    """A store, for people."""
    return "the data folder" if url == FOLDER else url
