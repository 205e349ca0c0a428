"""A server process with a clock for tests: ``python -m tests.support.servers.serve DATA [--sample] [--socket S]``.

The clock is the system's plus the seconds in the file ``DATA.clock``; if that has ``@`` and a moment, the clock stands
still there. With ``--fixed-secrets``, addresses and ids are the same on every run, for pictures. With
``--cheap-passwords``, a password is hashed in no time, by the same function. With ``--whole-reserve``, as much of the
disk is kept for when it is full as in production. ``--statements FILE`` logs each database statement to the file, one
per line; ``--work FILE`` logs what takes time: a line for each password that is compared (:data:`COMPARED` and the
parameters of its hash), and one for each :data:`STEPS` steps of SQLite. ``--memory FILE`` logs how many bytes its
objects take, whenever the process gets SIGUSR1.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import itertools
import os
import resource
import secrets
import signal
import sqlite3
import sys
import tracemalloc
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Connection, Engine, create_engine, event, inspect

from tui.server.__main__ import Seed, run
from tui.server.accounts import signin
from tui.server.base import disk, pools
from tui.server.base.mailer import parse_mailer
from tui.server.base.settings import Budgets, Settings, parse_proxies
from tui.server.blobs.s3 import store
from tui.server.database import driver, fast_reads
from tui.server.database.migrate import upgrade
from tui.server.database.tables import metadata
from tui.server.installation import jobs
from tui.server.limits import passwords

COMPARED = "compared "
STEPS = 20
#: Fixed secrets begin with a number that rises, so that documents sent at the same moment are listed in a known order.
_FIRST_SECRET = 0x9C0
#: An SQLite database without rows, with the program's current tables, if :func:`prepare` has made it.
_migrated = b""
#: What is declared, and no migration makes.
_undone: list[str] = []


def prepare() -> None:
    """Does once what would be the same in all forked servers: runs the migrations, compiles the most frequent
    statements."""
    from tests.support.servers.rehearsal import rehearse

    global _migrated
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        upgrade(connection)
        connection.commit()
        _undone.extend(missing(connection))
        database = connection.connection.driver_connection
        assert isinstance(database, sqlite3.Connection)
        _migrated = database.serialize()
    engine.dispose()
    if not _undone:
        rehearse(_copy)


def missing(connection: Connection) -> Iterator[str]:
    """The tables, and the columns of tables (``sends.notify``), that are declared and that a database doesn't have."""
    made = inspect(connection)
    there = set(made.get_table_names())
    for table in metadata.sorted_tables:
        if table.name not in there:
            yield table.name
            continue
        columns = {column["name"] for column in made.get_columns(table.name)}
        yield from (f"{table.name}.{name}" for name in map(str, table.c.keys()) if name not in columns)


def _copy(data: Path) -> None:
    """Starts a new data folder with the prepared database."""
    with suppress(FileExistsError):
        data.mkdir(mode=0o700, parents=True)
        handle = os.open(data / "sentlinks.db", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(_migrated)


def _hash_cheaply() -> None:
    passwords.MEMORY, passwords.ROUNDS = 8, 1
    signin.UNKNOWN_NAME_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(
        secrets.token_hex()
    )


def _reserve_little() -> None:
    """Each of a thousand servers would fill 16 MB, which are memory where the tests' folders are in memory."""
    disk._RESERVE_FILE = 64 * 1024


def _seal_each_minute_only() -> None:
    """What is done soon after a request would be counted as its own, and takes its time as it comes."""

    async def never(*_: object) -> None:
        """Seals nothing."""

    setattr(jobs, "seal_soon", never)  # noqa: B010 - mypy rejects a plain assignment to a function


def _write_statements(path: Path) -> None:
    _seal_each_minute_only()
    file = path.open("a", buffering=1)

    @event.listens_for(Engine, "before_cursor_execute")
    def _begun(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        file.write(" ".join(statement.split()) + "\n")

    fetch = fast_reads.Glance._fetch

    def fetched(self: fast_reads.Glance, sql: str, parameters: Mapping[str, Any]) -> Any:
        file.write(" ".join(sql.split()) + "\n")
        return fetch(self, sql, parameters)

    setattr(fast_reads.Glance, "_fetch", fetched)  # noqa: B010 - mypy rejects a plain assignment to a method


def _write_work(path: Path) -> None:
    _seal_each_minute_only()
    file = path.open("a", buffering=1)
    verify = passwords.Passwords._verify
    connection: Any = driver._Connection
    look = connection._should_stop

    def compared(self: passwords.Passwords, kept: str, password: str) -> bool:
        file.write(COMPARED + kept.rpartition("$")[0].rpartition("$")[0] + "\n")
        return verify(self, kept, password)

    def looked(self: object) -> bool:
        file.write(f"{STEPS} steps\n")
        return bool(look(self))

    setattr(passwords.Passwords, "_verify", compared)  # noqa: B010 - mypy rejects a plain assignment to a method
    connection._should_stop = looked
    driver._CANCEL_CHECK_EVERY = STEPS


def _write_memory(path: Path) -> None:
    """What Python's objects take that were made from now on. Those of the system and of SQLite are left out: what they
    keep also depends on how much once happened at the same time."""
    file = path.open("a", buffering=1)
    tracemalloc.start()

    def written(*_: object) -> None:
        gc.collect()
        file.write(f"{tracemalloc.get_traced_memory()[0]}\n")

    signal.signal(signal.SIGUSR1, written)


def _patch(options: argparse.Namespace) -> None:
    """What the server does differently from the program, or logs."""
    pools.be_strict()
    if options.patience is not None:
        pools.WAIT_SECONDS = options.patience
        store.PATIENCE = timedelta(seconds=options.patience)
    if options.trusted_seconds is not None:
        from tui.server.library import routing

        routing._TRUSTED_SECONDS = options.trusted_seconds
    if not options.whole_reserve:
        _reserve_little()
    if options.cheap_passwords:
        _hash_cheaply()
    if options.broken:
        from tests.support.servers import broken

        for how in options.broken.split(","):
            broken.HOW[how]()
    for path, write in (
        (options.statements, _write_statements),
        (options.work, _write_work),
        (options.memory, _write_memory),
    ):
        if path:
            write(path)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--user", default="DJONES")
    parser.add_argument("--full-name")
    parser.add_argument("--socket", type=Path)
    parser.add_argument("--public-url")
    parser.add_argument("--database-url")
    parser.add_argument("--store")
    parser.add_argument("--proxies", default="")
    parser.add_argument("--sample", action="store_true")
    for each in fields(Budgets):
        parser.add_argument(f"--{each.name.replace('_', '-')}", type=type(each.default), default=each.default)
    parser.add_argument("--fixed-secrets", action="store_true")
    parser.add_argument("--cheap-passwords", action="store_true")
    parser.add_argument("--whole-reserve", action="store_true")
    parser.add_argument("--statements", type=Path)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--memory", type=Path)
    parser.add_argument(
        "--patience", type=float, help="seconds that requests wait for a place in a pool, or a store"
    )
    parser.add_argument(
        "--trusted-seconds", type=float, help="how long a person is known while a body arrives"
    )
    parser.add_argument("--kept-bytes", type=int, default=1024**4)
    parser.add_argument("--unfinished-bytes", type=int, default=1024**4)
    parser.add_argument("--smtp-url")
    parser.add_argument(
        "--broken", help="the rights of :mod:`tests.support.servers.broken` that aren't checked"
    )
    parser.add_argument("--descriptors", type=int, help="the most that the process may have")
    options = parser.parse_args()
    if _undone:
        # Otherwise each request would fail with an error of the database, and each test in another way.
        sys.exit(
            f"A migration is missing: tui/server/database/tables declares {', '.join(_undone)}, which none in "
            "tui/server/database/migrations/versions makes. Add it as the recipe in CONTRIBUTING.md says."
        )
    if options.descriptors:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, options.descriptors))
    _patch(options)
    if options.fixed_secrets:
        # A file with a random name is written for each seal.
        _seal_each_minute_only()
        numbers = itertools.count(_FIRST_SECRET)

        def token_hex(nbytes: int | None = 16) -> str:
            number = next(numbers)
            return f"{number:03x}{hashlib.sha256(b'%d' % number).hexdigest()}"[: 2 * (nbytes or 16)]

        secrets.token_hex = token_hex
    if _migrated and not options.database_url:
        _copy(options.data)
    offset = options.data.with_name(options.data.name + ".clock")

    def clock() -> datetime:
        # Most servers have none, and an exception would take longer than what is measured with them.
        if not os.access(offset, os.F_OK):
            return datetime.now(UTC)
        text = offset.read_text()
        if text.startswith("@"):
            return datetime.fromisoformat(text[1:])
        return datetime.now(UTC) + timedelta(seconds=float(text or "0"))

    seed: Seed | None = None
    if options.sample:
        from tui.sample.load import load

        seed = load
    settings = Settings(
        data=options.data,
        port=options.port,
        user=options.user,
        full_name=options.full_name,
        socket=options.socket,
        public_url=options.public_url,
        database_url=options.database_url,
        store=options.store,
        proxies=parse_proxies(options.proxies),
        kept_bytes=options.kept_bytes,
        unfinished_bytes=options.unfinished_bytes,
        mailer=parse_mailer(options.smtp_url, "links@firm.example", "") if options.smtp_url else None,
        budgets=Budgets(**{each.name: getattr(options, each.name) for each in fields(Budgets)}),
    )
    run(settings, clock, seed)


if __name__ == "__main__":
    main()
