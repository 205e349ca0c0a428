"""Fills a library of any size in bulk: ``python -m tests.support.servers.fill DATA N [--database-url URL]``.

One workspace with two folders: *Large* with N documents and *Small* with a hundred, under 812 rules. MANY sees 61 %
of them, FEW sees six. What a measurement needs is printed as one JSON object, and saved in ``DATA.json``.
A million documents take about two minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import itertools
import json
import os
import random
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.support.servers.fill_words import WORDS
from tui.rules import names
from tui.server.accounts.users import add_person, add_token, first_person
from tui.server.base.settings import Settings
from tui.server.base.timestamps import micros
from tui.server.context import Context
from tui.server.database.tables import (
    acl_users,
    acls,
    blobs,
    containers,
    counters,
    documents,
    history,
    users,
    versions,
)
from tui.server.installation.installation import open_context
from tui.server.library import index
from tui.server.library.batch import Batch
from tui.server.library.ids import container_id
from tui.server.library.model import Actor
from tui.server.library.rights import Level
from tui.server.library.types import type_of

RULES = 812
SEEN_BY_MANY = 0.61
SEEN_BY_FEW = 6
SMALL = 100
_AT_ONCE = 10_000
_CONTENT = b"A document of a library that was filled for a measurement.\n"
_DIGEST = hashlib.sha256(_CONTENT).hexdigest()
_NOW = datetime.now(UTC)
_YEARS = timedelta(days=3650)
_WEIGHTS = list(itertools.accumulate(1 / (n + 1) for n in range(len(WORDS))))
_COLUMNS = {
    "documents": "number parent latest last_version name_key class edited_at owner_id default_security acl search_id",
    "versions": "number version name extension type class author operator last_user size sha256 blob "
    "created_at edited_at file_created_at file_edited_at",
    "history": "number version user activity at application",
}
Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Filled:
    """What was made: ids of the folders, and access tokens by name."""

    documents: int
    large: str
    small: str
    tokens: dict[str, str]


@dataclass(frozen=True)
class _Plan:
    large: int
    small: int
    rules: list[int]
    few: int
    blob: str
    owner: str
    count: int

    def rows(
        self,
    ) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...], tuple[Any, ...], tuple[int, str, str]]]:
        """Each document's rows in ``documents``, ``versions`` and ``history``, and in the full-text index."""
        dice = random.Random(5)
        weights = list(itertools.accumulate(1 / (n + 3) for n in range(len(self.rules))))
        clients = [
            "".join(dice.choices("abcdefghiklmnoprstuvw", k=dice.randint(5, 9))) for _ in range(20_000)
        ]
        step = _YEARS / (self.count + SMALL)
        few = set(dice.sample(range(self.count), min(SEEN_BY_FEW, self.count)))
        for place in range(self.count + SMALL):
            number, at = place + 1, micros(_NOW - _YEARS + step * place)
            words = dice.choices(WORDS, cum_weights=_WEIGHTS, k=dice.randint(2, 3))
            name = f"{' '.join(words)} - {dice.choice(clients).title()} {dice.randint(2016, 2026)}"
            author = f"USER{dice.randint(1, 300)}"
            extension, kind = dice.choice(("docx", "pdf", "xlsx")), dice.choice(("DOC", "LETTER", "MEMO"))
            rule = self.few if place in few else dice.choices(self.rules, cum_weights=weights)[0]
            parent = self.large if place < self.count else self.small
            version = (number, 1, name, extension, type_of(extension), kind, author, author, author)
            facts = (len(_CONTENT), _DIGEST, self.blob, at, at, at, at)
            said = {"name": name, "author": author, "class": kind, "extension": extension, "comment": None}
            yield (
                (number, parent, 1, 1, names.key(name), kind, at, self.owner, "inherit", rule, at),
                (*version, *facts),
                (number, 1, author, "NEWDOCUMENT", at, "Work"),
                (at, index.words_of(number, said, None), index.place_of(rule, parent)),
            )


async def fill(data: Path, count: int, database_url: str | None = None) -> Filled:
    """Fills a fresh data folder. Raises :class:`SystemExit` if it already has documents."""
    context = await open_context(Settings(data=data, database_url=database_url))
    try:
        await first_person(context, "DJONES")
        async with context.database.read() as connection:
            if (await connection.execute(select(documents.c.number).limit(1))).first():
                raise SystemExit(f"{data} has documents already; name a fresh folder")
        plan, tokens = await _prepare(context, count)
        counts: Counter[tuple[int, int]] = Counter()
        if context.database.sqlite:
            await asyncio.to_thread(_fill_sqlite, data / "sentlinks.db", plan, counts)
        else:
            await _fill_postgres(context, plan, counts)
        async with context.database.write() as connection:
            rows = [
                {"parent": parent, "acl": acl, "containers": 0, "documents": number}
                for (parent, acl), number in counts.items()
            ]
            await connection.execute(insert(counters), rows)
    finally:
        await context.close()
    return Filled(count, container_id(plan.large), container_id(plan.small), tokens)


async def _prepare(context: Context, count: int) -> tuple[_Plan, dict[str, str]]:
    """Users, rules, folders and the bytes that all documents share."""
    key = context.blobs.new_key()
    await context.blobs.put({key: [_CONTENT]})
    async with context.database.write() as connection:
        people = {name: await add_person(context, connection, name, admin=False) for name in ("MANY", "FEW")}
        row = (await connection.execute(select(users.c.id).where(users.c.name == "DJONES"))).one()
        tokens = {
            name: await add_token(context, connection, user, "access")
            for name, user in {**people, "DJONES": row.id}.items()
        }
        batch = Batch(context, connection, RULES + 1)
        owner = Actor(row.id, "DJONES")
        space = await batch.workspace(owner, "Scale")
        large, small = [(await batch.folder(space, owner, name)).number for name in ("Large", "Small")]
        rules = [await batch.acl({row.id: Level.FULL_ACCESS}) for _ in range(RULES - 1)]
        few = await batch.acl({row.id: Level.FULL_ACCESS, people["FEW"]: Level.READ})
        await batch.write()
        await connection.execute(
            insert(blobs).values(key=key, size=len(_CONTENT), sha256=_DIGEST, created_at=_NOW)
        )
        weights = [1 / (n + 3) for n in range(len(rules))]
        # Every third rule comes last, so that it takes hundreds of rules to see this many documents.
        seen, order = 0.0, sorted(range(len(rules)), key=lambda n: abs(n - 5) % 3 == 0)
        chosen = []
        for place in order:
            if seen + weights[place] <= SEEN_BY_MANY * sum(weights):
                seen += weights[place]
                chosen.append(rules[place])
        many = [{"user_id": people["MANY"], "acl": acl, "level": "read"} for acl in chosen]
        await connection.execute(insert(acl_users), many)
    return _Plan(large, small, rules, few, key, row.id, count), tokens


def _chunks(
    plan: _Plan, counts: Counter[tuple[int, int]]
) -> Iterator[tuple[Rows, list[tuple[int, str, str]]]]:
    rows = plan.rows()
    while chunk := list(itertools.islice(rows, _AT_ONCE)):
        papers, versions_, lines, words = map(list, zip(*chunk, strict=True))
        counts.update((row[1], row[9]) for row in papers)
        yield {"documents": papers, "versions": versions_, "history": lines}, words
        done = chunk[-1][0][0]
        if sys.stderr.isatty():
            print(f"\r{done:,} of {plan.count + SMALL:,}", end="", file=sys.stderr, flush=True)


def _fill_sqlite(path: Path, plan: _Plan, counts: Counter[tuple[int, int]]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -200000")
        # Building the indexes over all rows at once takes a fraction of the time.
        query = (
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN "
        )
        made = connection.execute(query + "('documents', 'versions', 'history')").fetchall()
        for name, _ in made:
            connection.execute(f"DROP INDEX {name}")
        for rows, words in _chunks(plan, counts):
            connection.execute("BEGIN IMMEDIATE")
            for table, found in rows.items():
                columns = _COLUMNS[table].split()
                marks = ", ".join("?" * len(columns))
                names_ = ", ".join(f'"{column}"' for column in columns)
                connection.executemany(f"INSERT INTO {table} ({names_}) VALUES ({marks})", found)
            connection.executemany("INSERT INTO search (rowid, words, place) VALUES (?, ?, ?)", words)
            connection.execute("COMMIT")
        for _, sql in made:
            connection.execute(sql)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


async def _fill_postgres(context: Context, plan: _Plan, counts: Counter[tuple[int, int]]) -> None:
    async with context.database.write() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        # Building the indexes over all rows at once takes a fraction of the time.
        query = (
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('documents', 'versions', 'history') "
            "AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        )
        made = (await connection.execute(text(query))).all()
        for name, _ in made:
            await connection.execute(text(f"DROP INDEX {name}"))
        columns = [name for name in _COLUMNS["documents"].split() if name != "search_id"]
        named = ", ".join(columns)
        await connection.execute(
            text(
                f"CREATE TEMPORARY TABLE filled ON COMMIT DROP AS "
                f"SELECT {named}, '' AS terms FROM documents WITH NO DATA"
            )
        )
        for rows, words in _chunks(plan, counts):
            papers = [
                (*row[: len(columns)], terms)
                for row, (_, terms, _) in zip(rows["documents"], words, strict=True)
            ]
            await raw.copy_records_to_table("filled", records=papers, columns=[*columns, "terms"])
            kept = index.KEPT.format(words="terms")
            await connection.execute(
                text(f"INSERT INTO documents ({named}, words) SELECT {named}, {kept} FROM filled")
            )
            await connection.execute(text("TRUNCATE filled"))
            for table in ("versions", "history"):
                found = rows[table]
                await raw.copy_records_to_table(table, records=found, columns=_COLUMNS[table].split())
        await connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
        for _, sql in made:
            await connection.execute(text(sql))
        await connection.execute(
            text("SELECT setval(pg_get_serial_sequence('documents', 'number'), :n)"),
            {"n": plan.count + SMALL},
        )
    await _analyze(context, (documents, versions, history, acls, acl_users, containers))


async def _analyze(context: Context, tables: Iterable[Any]) -> None:
    async with context.database.engine.connect() as connection:
        alone: AsyncConnection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        for table in tables:
            await alone.execute(text(f"VACUUM ANALYZE {table.name}"))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.servers.fill",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("data", metavar="DATA", type=Path, help="a fresh data folder")
    parser.add_argument("count", metavar="N", type=int, help="documents")
    parser.add_argument(
        "--database-url", metavar="URL", help="a fresh PostgreSQL database in place of SQLite"
    )
    options = parser.parse_args()
    os.umask(0o077)
    start = time.perf_counter()
    filled = asyncio.run(fill(options.data, options.count, options.database_url))
    result = json.dumps(asdict(filled), indent=2)
    kept = options.data.with_name(options.data.name + ".json")
    kept.touch(0o600)
    kept.write_text(result)
    print(result)
    print(f"{options.count:,} documents in {time.perf_counter() - start:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
