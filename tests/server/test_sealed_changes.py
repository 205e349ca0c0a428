"""Whatever is changed where sealed documents lie, in their files or objects or in the lists of their pieces: no byte of
it goes out (S35)."""

from __future__ import annotations

import hashlib
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pytest
from sqlalchemy import delete, insert, select, text

from tests.support.checks.long import cases
from tests.support.servers.buckets import S3Bucket
from tui.rules.errors import Problem
from tui.server.base.settings import Settings
from tui.server.blobs.base import Damaged
from tui.server.blobs.outgoing import Outgoing
from tui.server.blobs.sealing.chunks import CHUNK, STORED_CHUNK
from tui.server.context import Context
from tui.server.database.tables import blobs, sealed_contents, sealed_pieces
from tui.server.installation.installation import open_context

#: How many changes, each tried with the whole document or a part of it; in an S3 store, each takes several requests.
CHANGES, CHANGES_ON_S3 = cases(140, 100_000), cases(56, 10_000)
_SEED = 40
_SIZES = (CHUNK + 700, 2 * CHUNK, 900)
Rows = list[dict[str, Any]]


class Place(Protocol):
    """Where pieces lie, for whoever can write there."""

    async def read(self, name: str) -> bytes:
        """What is stored of a piece."""

    async def write(self, name: str, stored: bytes) -> None:
        """Store something else."""


class _Folder:
    def __init__(self, data: Path) -> None:
        self._blobs = data / "blobs"

    def _file(self, name: str) -> Path:
        return self._blobs / name[:2] / name

    async def read(self, name: str) -> bytes:
        return self._file(name).read_bytes()

    async def write(self, name: str, stored: bytes) -> None:
        self._file(name).write_bytes(stored)


class _Bucket:
    def __init__(self, bucket: S3Bucket) -> None:
        self._bucket = bucket

    async def read(self, name: str) -> bytes:
        return self._bucket.content(name)

    async def write(self, name: str, stored: bytes) -> None:
        await self._bucket.put(name, stored)


class Document:
    """One that was sent in several pieces, the last byte of the second of which doesn't count."""

    def __init__(self, context: Context, place: Place) -> None:
        self.context = context
        self._place = place
        self.text = os.urandom(sum(_SIZES))
        self.key = context.blobs.new_key()
        self.sha256 = hashlib.sha256(self.text).hexdigest()
        self.rows: Rows = []
        self.content: dict[str, Any] = {}
        #: What is stored, by the name of its piece.
        self.stored: dict[str, bytes] = {}
        #: What was changed since it was put back.
        self.written: set[str] = set()
        self.is_listed_otherwise = False

    async def send(self) -> Document:
        start = 0
        for size in _SIZES:
            more = b"x" if start == _SIZES[0] else b""
            await self.context.blobs.append(
                self.key, start, _one(self.text[start : start + size] + more), exact=False, digest=True
            )
            start += size
        row = {"key": self.key, "size": len(self.text), "sha256": self.sha256}
        async with self.context.database.write() as connection:
            await connection.execute(insert(blobs).values(**row, created_at=self.context.clock()))
            await self.context.blobs.settle(connection, [row])
        async with self.context.database.read() as connection:
            mine = sealed_pieces.c.content == self.key
            found = await connection.execute(
                select(sealed_pieces).where(mine).order_by(sealed_pieces.c.number)
            )
            self.rows = [dict(row._mapping) for row in found]
            content = select(sealed_contents).where(sealed_contents.c.key == self.key)
            self.content = dict((await connection.execute(content)).one()._mapping)
        self.stored = {row["name"]: await self._place.read(row["name"]) for row in self.rows}
        assert [row["used"] for row in self.rows] == list(_SIZES)
        return self

    async def put_rows(
        self, rows: Sequence[Mapping[str, Any]], content: Mapping[str, Any] | None = None
    ) -> None:
        """As one would who can write to the database, whatever it demands."""
        self.is_listed_otherwise = True
        async with self.context.database.write() as connection:
            if self.context.database.sqlite:
                await connection.execute(text("PRAGMA defer_foreign_keys = ON"))
            await connection.execute(delete(sealed_pieces).where(sealed_pieces.c.content == self.key))
            await connection.execute(delete(sealed_contents).where(sealed_contents.c.key == self.key))
            await connection.execute(insert(sealed_contents).values(**(content or self.content)))
            if rows:
                await connection.execute(insert(sealed_pieces), [dict(row) for row in rows])

    async def write(self, name: str, stored: bytes) -> None:
        self.written.add(name)
        await self._place.write(name, stored)

    async def put_back(self) -> None:
        if self.is_listed_otherwise:
            await self.put_rows(self.rows)
            self.is_listed_otherwise = False
        for name in self.written:
            await self._place.write(name, self.stored[name])
        self.written.clear()


async def _one(text: bytes) -> AsyncIterator[bytes]:
    yield text


async def given_out(document: Document, start: int, length: int) -> tuple[bytes, bool]:
    """What goes out of a document, and whether that was said to be all."""
    outgoing = Outgoing(
        document.context.blobs, document.key, start, length, size=len(document.text), sha256=document.sha256
    )
    out = bytearray()
    try:
        await outgoing.begin()
        while part := await outgoing.next():
            out += part
            outgoing.taken += len(part)
    except (Damaged, Problem, OSError, EOFError):
        return bytes(out), False
    finally:
        outgoing.close()
    return bytes(out), True


class Changes:
    """Changes of a document, by chance; each is undone with :meth:`Document.put_back`."""

    def __init__(self, document: Document, earlier: Document, other: Document, chance: random.Random) -> None:
        self.document = document
        self.earlier = earlier
        self.other = other
        self.chance = chance

    def piece(self) -> str:
        return str(self.chance.choice(self.document.rows)["name"])

    async def write(self, name: str, stored: bytes) -> None:
        await self.document.write(name, stored)

    async def bit(self) -> None:
        name = self.piece()
        stored = bytearray(self.document.stored[name])
        stored[self.chance.randrange(len(stored))] ^= 1 << self.chance.randrange(8)
        await self.write(name, bytes(stored))

    async def chunk(self) -> None:
        """One in the place of another: of the same piece, or of another document's at the same place."""
        name = self.document.rows[1]["name"]
        stored = self.document.stored[name]
        first, second = stored[:STORED_CHUNK], stored[STORED_CHUNK : 2 * STORED_CHUNK]
        foreign = self.other.stored[self.other.rows[1]["name"]]
        rest = stored[2 * STORED_CHUNK :]
        await self.write(
            name,
            self.chance.choice(
                [
                    second + first + rest,
                    first + first + rest,
                    foreign[:STORED_CHUNK] + second + rest,
                    second + rest,
                ]
            ),
        )

    async def order(self) -> None:
        rows = [dict(row) for row in self.document.rows]
        numbers = [row["number"] for row in rows]
        while (mixed := self.chance.sample(numbers, len(numbers))) == numbers:
            pass
        for row, number in zip(rows, mixed, strict=True):
            row["number"] = number
        await self.document.put_rows(rows)

    async def length(self) -> None:
        """Shorter or longer, where it is stored."""
        name = self.piece()
        stored = self.document.stored[name]
        if self.chance.random() < 0.7:
            await self.write(name, stored[: self.chance.randrange(len(stored))])
        else:
            await self.write(name, stored + os.urandom(self.chance.randrange(1, 2 * STORED_CHUNK)))

    async def list_length(self) -> None:
        """A piece fewer in the list, or another length of what is stored."""
        rows = [dict(row) for row in self.document.rows]
        if self.chance.random() < 0.5:
            del rows[self.chance.randrange(len(rows))]
        else:
            row = self.chance.choice(rows)
            row["stored"] = self.chance.randrange(row["stored"])
        await self.document.put_rows(rows)

    async def used(self) -> None:
        """Moved from one piece to another, so that the size stays; or less, or more."""
        rows = [dict(row) for row in self.document.rows]
        rows[1]["used"] += 1
        if self.chance.random() < 0.5:
            rows[self.chance.choice([0, 2])]["used"] -= 1
        elif self.chance.random() < 0.5:
            rows[1]["used"] -= 1 + self.chance.randrange(1, CHUNK)
        await self.document.put_rows(rows)

    async def others(self) -> None:
        """The file, or the row, or the whole list with its key and MAC, of another document."""
        await self._from(self.other)

    async def earlier_version(self) -> None:
        await self._from(self.earlier)

    async def _from(self, source: Document) -> None:
        at = self.chance.randrange(len(self.document.rows))
        kind = self.chance.randrange(3)
        if kind == 0:
            await self.write(self.document.rows[at]["name"], source.stored[source.rows[at]["name"]])
            return
        rows = [dict(row) for row in self.document.rows]
        content = dict(self.document.content)
        if kind == 1:
            # A name is in one list only: the file comes with it.
            rows[at] |= {"salt": source.rows[at]["salt"]}
            await self.write(rows[at]["name"], source.stored[source.rows[at]["name"]])
        else:
            content |= {"wrapped": source.content["wrapped"], "mac": source.content["mac"]}
            for row, theirs in zip(rows, source.rows, strict=True):
                row["salt"] = theirs["salt"]
                await self.write(row["name"], source.stored[theirs["name"]])
        await self.document.put_rows(rows, content)

    async def key(self) -> None:
        """The wrapped key, its id, or the MAC."""
        content = dict(self.document.content)
        name = self.chance.choice(["wrapped", "mac"])
        value = bytearray(content[name])
        value[self.chance.randrange(len(value))] ^= 1 << self.chance.randrange(8)
        content[name] = self.chance.choice([bytes(value), bytes(value), b"", os.urandom(len(value))])
        await self.document.put_rows(self.document.rows, content)


async def _none_goes_out(settings: Settings, place: Place, count: int) -> None:
    """Whole, or a part that begins anywhere: what comes before the end is the document's own, and if anything that
    was asked for was changed, the end isn't reached."""
    chance, told = random.Random(_SEED), Counter[str]()
    context = await open_context(settings)
    try:
        document, earlier, other = [await Document(context, place).send() for _ in range(3)]
        changes = Changes(document, earlier, other, chance)
        lists = [
            changes.order,
            changes.list_length,
            changes.used,
            changes.others,
            changes.earlier_version,
            changes.key,
        ]
        # What is in files is changed more often: it takes a tenth of the time.
        kinds = [*lists, *[changes.bit] * 12, *[changes.chunk] * 5, *[changes.length] * 5]
        size = len(document.text)
        for number in range(count):
            change = kinds[number % len(kinds)]
            await change()
            start, length = 0, size
            if chance.random() < 0.5:
                start = chance.randrange(size)
                length = chance.randrange(1, size - start + 1)
            found, is_all = await given_out(document, start, length)
            case = f"{number} {change.__name__} {start} {length}"
            assert document.text[start : start + length].startswith(found), case
            if is_all:
                # Nothing that was asked for was changed.
                assert found == document.text[start : start + length], case
            told[f"{change.__name__} {'given out, unchanged' if is_all else 'refused'}"] += 1
            await document.put_back()
        found, is_all = await given_out(document, 0, size)
        assert (found, is_all) == (document.text, True)
        # A change of the list, the key or the MAC is never overlooked; nor one of a file, in the whole document.
        for kind in ("order", "list_length", "used", "key"):
            assert not told[f"{kind} given out, unchanged"]
        for change in kinds:
            assert told[f"{change.__name__} refused"]
        print(dict(told))
    finally:
        await context.close()


@pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True, scope="module")
async def test_no_byte_of_what_was_changed_is_given_out(
    database_url: Callable[[], str | None], tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path, database_url=database_url())
    await _none_goes_out(settings, _Folder(tmp_path), CHANGES)


async def test_nor_where_it_lies_in_an_s3_store(s3_bucket: S3Bucket, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, store=s3_bucket.url)
    await _none_goes_out(settings, _Bucket(s3_bucket), CHANGES_ON_S3)
