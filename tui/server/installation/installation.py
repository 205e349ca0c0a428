"""Opening an installation: its data folder, key, database and blobs. Initializes a new one."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from pathlib import Path
from shlex import quote

from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ...files.private_files import make_missing, why_unusable
from ...files.trusted_paths import Untrusted, check_above, check_own, is_link
from ...rules.errors import Failed
from .. import audit
from ..audit import anchors, data_folders
from ..base.clock import BootClock, Clock, ClockWatch, system_clock
from ..base.disk import Disk
from ..base.keys import KeyLost, Keys, load_keys, make_keys, new_id
from ..base.settings import Settings
from ..base.signing_key import make_signing_key
from ..blobs import LocalBlobs
from ..blobs.reserved_keys import ReservedKeys
from ..blobs.sealing import wrapping
from ..blobs.sealing.rows import Sealing
from ..blobs.sealing.store import SealedBlobs
from ..blobs.stores import Stores
from ..context import Context
from ..database.damage import is_damage
from ..database.engine import damaged, open_database, sqlite_url
from ..database.tables import installation, users
from ..database.transactions import Database
from ..limits.buffers import OF_OTHERS, OF_UPLOADS, Buffers
from ..limits.gathering import Gathering
from ..limits.link_views import Openings
from ..limits.passwords import Passwords
from ..limits.query_limits import Lanes
from ..limits.quotas import Quotas
from . import documents_store


def prepare_folder(data: Path) -> None:
    """Create the data folder (0700). Raises :class:`Failed` if it can't be used."""
    with _as_failed(data):
        check_above(data)
        make_missing(data)
        _check_trusted(data)
        # Not by the id of this process: one of another container with the same folder may have it, too.
        probe = data / f".probe-{new_id()}"
        handle = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        os.close(handle)
        probe.unlink()


def check_folder(data: Path) -> None:
    """Raise :class:`Failed` for a data folder that a server would refuse for what others can do to it; nothing is
    written."""
    with _as_failed(data):
        check_above(data)
        _check_trusted(data)


@contextmanager
def _as_failed(data: Path) -> Iterator[None]:
    try:
        yield
    except Untrusted as error:
        raise Failed("data.untrusted", f"Can't use the data folder {data}: {error.advice}") from error
    except OSError as error:
        reasons = {
            errno.EACCES: "it isn't writable",
            errno.EPERM: "it isn't writable",
            errno.ENOSPC: "the disk is full",
            errno.EROFS: "the disk is read-only",
        }
        reason = reasons.get(error.errno or 0) or why_unusable(data, error)
        raise Failed(
            "data.unusable", f"Can't use the data folder {data}: {reason}. Choose another with --data."
        ) from error


def _check_trusted(data: Path) -> None:
    if data.is_symlink():
        raise Failed(
            "data.link",
            f"The data folder {data} is a link, which isn't followed. Name what it leads to: "
            f"--data {quote(os.path.realpath(data))}",
        )
    _check_owner(data)
    check_own(data / "signing.key")
    _check_blobs(data / "blobs")


def _check_owner(data: Path) -> None:
    """Raise :class:`Failed` if another user could replace the database or key in the folder."""
    stats = data.lstat()
    if stats.st_uid not in (os.geteuid(), 0):
        raise Failed(
            "data.owner",
            f"The data folder {data} belongs to another user. Run the server as that user, or choose another folder "
            "with --data.",
        )
    if stats.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise Failed(
            "data.permissions",
            f"Other users can write to the data folder {data}. Fix it with: chmod go-w {quote(str(data))}",
        )


def _check_blobs(blobs: Path) -> None:
    """Raise :class:`Untrusted` if documents would be kept where a link leads, or others can change them."""
    check_own(blobs)
    with suppress(FileNotFoundError), os.scandir(blobs) as entries:
        for each in entries:
            if each.is_symlink():
                raise is_link(Path(each.path))


async def open_context(
    settings: Settings, clock: Clock = system_clock, boot: BootClock | None = None
) -> Context:
    """Open data folder, key, database and blobs. Raises :class:`Failed`, which says what is wrong. ``boot`` as for
    :class:`ClockWatch`."""
    with suppress(OSError):
        Disk(settings.data).make_room()
    prepare_folder(settings.data)
    keys: Keys | None = None
    with suppress(KeyLost):
        keys = load_keys(settings.data)
    database = await open_database(settings.database_url or sqlite_url(settings.data), settings.data)
    try:
        keys = keys or await _first_keys(settings.data, database)
    except BaseException:
        await database.close()
        raise
    context = _context(settings, keys, database, clock, boot)
    database.record = partial(audit.guards.record, context)
    async with _closed_if_unusable(context):
        await _check_key(context)
        await documents_store.join(context)
    return context


async def open_to_look(
    settings: Settings, *, checks_folder: bool = True, checks_store: bool = True
) -> Context:
    """Open an installation that is there as it is, beside its server, and change nothing. Raises :class:`Failed`; if it
    ``checks_folder``, as :func:`check_folder` does, and if it ``checks_store``, also if the settings name another store
    than the one that documents are in."""
    if checks_folder:
        check_folder(settings.data)
    keys = load_keys(settings.data)
    url = settings.database_url or sqlite_url(settings.data)
    database = await open_database(url, settings.data, migrates=False)
    context = _context(settings, keys, database, system_clock, None)
    async with _closed_if_unusable(context), context.database.read() as connection:
        key_check = (await connection.execute(select(installation.c.key_check))).scalar()
        if key_check != keys.check and not (key_check and keys.take_next(key_check)):
            raise _wrong_key()
        await wrapping.take_first(connection, keys)
        await documents_store.connect_to_look(context, connection, checked=checks_store)
    return context


def _context(
    settings: Settings, keys: Keys, database: Database, clock: Clock, boot: BootClock | None
) -> Context:
    plain = LocalBlobs(settings.data / "blobs", Disk(settings.data / "blobs"))
    stores = Stores(plain)
    reserved_keys = ReservedKeys(database, stores, clock)
    return Context(
        settings=settings,
        database=database,
        blobs=SealedBlobs(plain, stores, database, keys, reserved_keys, clock),
        stores=stores,
        disk=Disk(settings.data),
        keys=keys,
        clock=clock,
        passwords=Passwords(),
        link_passwords=Passwords(),
        lanes=Lanes(),
        buffers=Buffers(*OF_OTHERS),
        upload_buffers=Buffers(*OF_UPLOADS),
        quotas=Quotas(settings, database),
        reserved_keys=reserved_keys,
        openings=Openings(),
        clock_watch=ClockWatch(clock, boot),
        under_way=Gathering(),
        still_allowed=Gathering(),
    )


@asynccontextmanager
async def _closed_if_unusable(context: Context) -> AsyncIterator[None]:
    """Close the context if the block fails. Raises :class:`Failed` if damage of the database is the reason."""
    try:
        yield
    except DBAPIError as error:
        await context.close()
        if error.orig is None or not is_damage(error.orig):
            raise
        raise damaged(context.settings.data, error) from error
    except BaseException:
        await context.close()
        raise


async def _first_keys(data: Path, database: Database) -> Keys:
    """Make the key of a new installation. Raises :class:`KeyLost` if there is data already, which needs its own key."""
    async with database.read() as connection:
        for table in (installation, users):
            if (await connection.execute(select(table.c.id).limit(1))).first() is not None:
                # Another server may just have made the key, before what was found here.
                return load_keys(data)
    await _check_unused(data)
    return make_keys(data)


async def _check_unused(data: Path) -> None:
    """Raise :class:`Failed` if the data folder belongs to an installation, though the database is empty."""
    if await asyncio.to_thread(anchors.was_used, data):
        raise Failed(
            "data.elsewhere",
            f"The data folder {data} belongs to another database; this one is empty. Set database_url "
            "in the configuration file to the right one.",
        )


async def _check_key(context: Context) -> None:
    """Initialize the installation if it is new; otherwise raise :class:`Failed` if the key isn't that of the data."""
    async with context.database.write() as connection:
        query = select(installation.c.key_check).where(installation.c.id == 1).with_for_update()
        key_check = (await connection.execute(query)).scalar()
        if key_check is None:
            await _initialize(context, connection)
        elif key_check == context.keys.earlier_check:
            await anchors.begin(context, connection)
            await connection.execute(
                update(installation).values(
                    key_check=context.keys.check, signing_key=make_signing_key(context.settings.data).public
                )
            )
        elif key_check != context.keys.check and not context.keys.take_next(key_check):
            raise _wrong_key()
        await wrapping.take_first(connection, context.keys)
        await audit.guards.begin(context, connection)
    if not context.database.sqlite:
        # In another transaction: sealing locks the installation's row last, so nothing else may be locked after it.
        async with context.database.write() as connection:
            await data_folders.join(context, connection)


def _wrong_key() -> Failed:
    return Failed(
        "key.wrong",
        "The key doesn't belong to this data. Restore the right one, as key in the data folder or in SENTLINKS_KEY.",
    )


async def _initialize(context: Context, connection: AsyncConnection) -> None:
    # Otherwise someone could delete the row and so have everything initialized again, including the audit's anchor.
    if (await connection.execute(select(users.c.id).limit(1))).first() is not None:
        raise Failed(
            "data.incomplete",
            "The database no longer says which key it belongs to: it was changed by hand. Restore a backup.",
        )
    await _check_unused(context.settings.data)
    try:
        await connection.execute(
            insert(installation).values(
                id=1,
                key_check=context.keys.check,
                created_at=context.clock(),
                signing_key=make_signing_key(context.settings.data).public,
                sealing=Sealing.DONE,
            )
        )
    except IntegrityError:
        raise Failed(
            "key.race", "Another server has just initialized this installation. Start this one again."
        ) from None
    await anchors.begin(context, connection)
