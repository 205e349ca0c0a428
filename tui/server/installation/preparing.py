"""Making a new installation, or migrating an older one, in a process of its own before the server opens it.

What that takes (Alembic, and the library that makes the keys: 20 MB) would stay with the server for as long as it runs.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
from contextlib import suppress

from ..base.clock import Clock
from ..base.settings import Settings
from ..database.engine import database_file
from ..database.migrate import is_outdated
from .installation import open_context


def prepare(settings: Settings, clock: Clock) -> None:
    """Make or migrate the installation in ``settings.data`` if necessary, unless it uses another database.

    Must be called before this process has threads or an event loop. Reports nothing: what fails here is done, and
    fails, again when the server opens the installation.
    """
    if settings.database_url is not None or not is_outdated(database_file(settings.data)):
        return
    with suppress(OSError):
        _wait(_fork(settings, clock))


def _fork(settings: Settings, clock: Clock) -> int:
    # Not another program: importing everything again would take longer than the migrations.
    process = os.fork()
    if process == 0:
        try:
            # The port and the locks are the server's: they must be free as soon as it ends, however it ends.
            os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
            asyncio.run(_open(settings, clock))
        finally:
            # Without writing what the server has buffered, or running what it runs at its end.
            os._exit(0)
    return process


async def _open(settings: Settings, clock: Clock) -> None:
    await (await open_context(settings, clock)).close()


def _wait(process: int) -> None:
    try:
        os.waitpid(process, 0)
    except BaseException:
        # A signal: nothing may go on writing to the data folder after this process has ended.
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        raise
