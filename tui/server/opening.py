"""Opening an installation: its data folder, key, database and bytes, and what its audit begins with."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from shlex import quote

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ..rules.errors import Failed
from .audit import anchors, data_folders
from .blobs import LocalBlobs
from .clock import Clock, system_clock
from .context import Context
from .database.engine import open_database, sqlite_url
from .database.tables import installation, users
from .disk import Disk
from .keys import load_keys, make_signing_key
from .lanes import Lanes
from .passwords import Passwords
from .quotas import Quotas
from .settings import Settings


def prepare_folder(data: Path) -> None:
    """Makes the data folder (0700). Raises :class:`Failed` where it cannot be used."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_owner(data)
        probe = data / f".probe-{os.getpid()}"
        handle = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        os.close(handle)
        probe.unlink()
    except OSError as error:
        reason = {
            errno.EEXIST: "it is a file",
            errno.ENOTDIR: "a part of its path is a file",
            errno.ENOSPC: "the disk is full",
            errno.EROFS: "the disk is read-only",
        }.get(error.errno or 0, "it cannot be written")
        raise Failed(
            "data.unusable", f"The data folder {data} cannot be used: {reason}. Name another with --data."
        ) from error


def _check_owner(data: Path) -> None:
    """Raises :class:`Failed` where somebody else could put another database or key into the folder."""
    facts = data.stat()
    if facts.st_uid not in (os.geteuid(), 0):
        raise Failed(
            "data.owner",
            f"The data folder {data} belongs to another user. Run the server as that user, or name another folder "
            "with --data.",
        )
    if facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise Failed(
            "data.permissions",
            f"Others can write to the data folder {data}. Mend it with: chmod go-w {quote(str(data))}",
        )


async def open_context(settings: Settings, clock: Clock = system_clock) -> Context:
    """Opens data folder, key, database and blobs. Raises :class:`Failed` with what is wrong."""
    disk = Disk(settings.data)
    with suppress(OSError):
        disk.make_room()
    prepare_folder(settings.data)
    keys = load_keys(settings.data)
    database = await open_database(settings.database_url or sqlite_url(settings.data), settings.data)
    context = Context(
        settings=settings,
        database=database,
        blobs=LocalBlobs(settings.data / "blobs", disk),
        disk=disk,
        keys=keys,
        clock=clock,
        passwords=Passwords(),
        link_passwords=Passwords(),
        lanes=Lanes(),
        quotas=Quotas(settings, database),
    )
    try:
        await _check_key(context)
    except BaseException:
        await context.close()
        raise
    return context


async def _check_key(context: Context) -> None:
    """Raises :class:`Failed` where the key is not that of the data. Whoever is first begins the installation."""
    async with context.database.write() as connection:
        query = select(installation.c.key_check).where(installation.c.id == 1).with_for_update()
        kept = (await connection.execute(query)).scalar()
        if kept is None:
            await _begin(context, connection)
        elif kept == context.keys.earlier_check:
            await anchors.begin(context, connection)
            await connection.execute(
                update(installation).values(
                    key_check=context.keys.check, signing_key=make_signing_key(context.settings.data).public
                )
            )
        elif kept != context.keys.check:
            raise Failed(
                "key.wrong",
                "The key does not belong to this data; put back the right one as key in the data folder "
                "or in SENTLINKS_KEY.",
            )
    if not context.database.sqlite:
        # Not with the row of the installation in hand, which who makes a seal takes last.
        async with context.database.write() as connection:
            await data_folders.join(context, connection)


async def _begin(context: Context, connection: AsyncConnection) -> None:
    # Else whoever takes the row away would have all begin anew, the anchor of the audit too.
    if (await connection.execute(select(users.c.id).limit(1))).first() is not None:
        raise Failed(
            "data.incomplete",
            "The database does not say any more which key it belongs to: somebody has changed it. Put back a backup.",
        )
    if await asyncio.to_thread(anchors.was_used, context):
        raise Failed(
            "data.elsewhere",
            f"The data folder {context.settings.data} belongs to another database than this one, which is empty: name "
            "that as database_url in the configuration file.",
        )
    try:
        await connection.execute(
            insert(installation).values(
                id=1,
                key_check=context.keys.check,
                created_at=context.clock(),
                signing_key=make_signing_key(context.settings.data).public,
            )
        )
    except IntegrityError:
        raise Failed("key.race", "Another server has just made this installation; start again.") from None
    await anchors.begin(context, connection)
