"""A server that runs once before others are forked from its process, so that none of them has to begin from nothing.

What is done once for each kind of request, such as compiling its statements, takes several times as long as the request
itself, and most of the tests' servers get few requests. The forked servers find what was compiled here; each still has
its own engine, database and event loop.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import URL
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from tests.support.servers.server import Reachable
from tests.support.users.publish import publish
from tests.support.users.recipient import path_of, take
from tests.support.users.share import PASSWORD, Sender
from tests.support.users.work import Worker
from tui.sample.load import load
from tui.server.__main__ import run
from tui.server.base.clock import system_clock
from tui.server.base.settings import Settings
from tui.server.blobs import stored_files
from tui.server.database import engine

#: What a list of the app, or a command, asks for.
_SHARE = ("/me", "/policy", "/folder", "/folders", "/documents")
_WORK = ("workspaces", "my-favorites/children", "recent-documents")


class SharedDialect(SQLiteDialect_aiosqlite):
    """All engines compile a statement to the same SQL."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SharedDialect)

    def __hash__(self) -> int:
        return hash(SharedDialect)


def share_statements() -> None:
    """From now on, all engines of this process and of those forked from it find what any of them has compiled."""
    registry.register("sqlite.aiosqlite", __name__, SharedDialect.__name__)
    compiled: dict[Any, Any] = {}

    def create(url: str | URL, **options: Any) -> AsyncEngine:
        return create_async_engine(url, execution_options={"compiled_cache": compiled}, **options)

    setattr(engine, "create_async_engine", create)  # noqa: B010 - mypy: it is imported there


def rehearse(begin: Callable[[Path], None]) -> None:
    """Runs a server whose data folder ``begin`` makes, and asks it for what most tests need."""
    share_statements()
    umask = os.umask(0o077)
    with TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()) as log:
        data = Path(folder) / "data"
        begin(data)
        threads: list[threading.Thread] = []
        failed: list[BaseException] = []

        def act(address: str) -> None:
            try:
                _act(Reachable(address, data))
            except BaseException as error:
                failed.append(error)
            finally:
                os.kill(os.getpid(), signal.SIGTERM)

        def ready(address: str) -> None:
            threads.append(threading.Thread(target=act, args=(address,)))
            threads[0].start()

        run(Settings(data=data, port=0, user="DJONES"), system_clock, load, ready)
        threads[0].join()
    # Kept for as long as a process runs; each of its children has its own.
    stored_files.sync_threads().shutdown()
    stored_files.sync_threads.cache_clear()
    os.umask(umask)
    if failed:
        raise AssertionError(log.getvalue()) from failed[0]
    assert threading.active_count() == 1, "a forked process has no other thread than its own"


def _act(server: Any) -> None:
    with Sender(server) as me, Worker(server) as work, server.guest() as guest:
        for document in (me.send(), publish(server, b"content", "Terms.pdf", password=PASSWORD)):
            guest.get(path_of(document)).raise_for_status()
            guest.get(take(guest, document, PASSWORD)).raise_for_status()
            me.events(f"/documents/{document['id']}/audit")
        for path in _SHARE:
            me.get(path)
        for path in _WORK:
            work.get(path)
        folder = work.folder(work.workspace("Rehearsal"), "Rehearsal")
        sent = work.upload(folder, "Rehearsal")["id"]
        work.new_version(sent, "Rehearsal")
        for path in (f"documents/{sent}", f"documents/{sent}/versions", f"folders/{folder}/documents"):
            work.get(path)
        me.add_user("REHEARSAL").http.close()
