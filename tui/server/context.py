"""What every request handler works with, made once at the start of a server process."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from ..rules.errors import Failed
from .blobs import Blobs, LocalBlobs
from .clock import Clock, system_clock
from .database import Database
from .database.engine import open_database, sqlite_url
from .database.tables import installation
from .keys import Keys, load_keys
from .passwords import Passwords
from .settings import Settings


@dataclass(slots=True)
class Context:
    """``public_url`` is the beginning of links' addresses, without a slash at its end."""

    settings: Settings
    database: Database
    blobs: Blobs
    keys: Keys
    clock: Clock
    passwords: Passwords
    public_url: str = ""

    async def close(self) -> None:
        self.passwords.close()
        await self.database.close()


def context_of(request: Request) -> Context:
    """The context of the server that answers ``request`` (a FastAPI dependency)."""
    context: Context = request.app.state.context
    return context


def prepare_folder(data: Path) -> None:
    """Makes the data folder (0700). Raises :class:`Failed` where it cannot be used."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
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


async def open_context(settings: Settings, clock: Clock = system_clock) -> Context:
    """Opens data folder, key, database and blobs. Raises :class:`Failed` with what is wrong."""
    prepare_folder(settings.data)
    keys = load_keys(settings.data)
    database = await open_database(settings.database_url or sqlite_url(settings.data), settings.data)
    context = Context(
        settings=settings,
        database=database,
        blobs=LocalBlobs(settings.data / "blobs"),
        keys=keys,
        clock=clock,
        passwords=Passwords(),
    )
    try:
        await _check_key(context)
    except BaseException:
        await context.close()
        raise
    return context


async def _check_key(context: Context) -> None:
    async with context.database.write() as connection:
        kept = (await connection.execute(select(installation.c.key_check))).scalar()
        if kept is None:
            try:
                await connection.execute(
                    insert(installation).values(
                        id=1, key_check=context.keys.check, created_at=context.clock()
                    )
                )
            except IntegrityError:
                raise Failed(
                    "key.race", "Another server has just made this installation; start again."
                ) from None
        elif kept != context.keys.check:
            raise Failed(
                "key.wrong",
                "The key does not belong to this data; put back the right one as key in the data folder "
                "or in SENTLINKS_KEY.",
            )
