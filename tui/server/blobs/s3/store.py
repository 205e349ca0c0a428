"""Pieces as objects of a bucket: whole or not there at all, and never changed."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from ....override import override
from ..base import Bytes, Fault, OwnStore, Parts, StoreAway, StoredBytes, T
from ..scratch import Scratch
from .address import StoreAddress
from .connection import connected
from .failures import BEYOND, NO_BUCKET, StoreOutage, failure_of
from .reading import S3Reader

if TYPE_CHECKING:
    from obstore.store import S3Store

R = TypeVar("R")

#: How long a request is repeated that the store doesn't do, and how long one may take.
PATIENCE, _SECONDS = timedelta(seconds=20), timedelta(seconds=30)
#: How long it is repeated when the store is known to be away, and for the question whether it is, whose answer is kept
#: for a while.
_ASKING, _KEPT_SECONDS = timedelta(seconds=2), 5.0
_AT_ONCE = 32
#: What has more bytes is stored in parts, of which no object may have more than 10,000.
_WHOLE, _MOST_PARTS = 16 * 1024 * 1024, 9_000
_LISTED_AT_ONCE = 1000
_NAME = re.compile(r"[0-9a-f]{32}")
#: The object by which an installation knows its store.
MARKER = "installation"
#: There is no end to what can be stored.
_ROOM = 2**62


class S3Pieces(OwnStore):
    """The pieces below ``address``, at ``endpoint`` (``None``: AWS), of the installation that it is marked with
    ``ident`` for. Credentials and region are those of the environment (``AWS_...``); raises :class:`StoreAway` if
    these can't be used at all."""

    def __init__(self, address: StoreAddress, endpoint: str | None, ident: str) -> None:
        self.address = address
        self._ident = ident
        self._patient = connected(address, endpoint, PATIENCE, _SECONDS)
        self._impatient = connected(address, endpoint, _ASKING, _SECONDS)
        self._asking = connected(address, endpoint, _ASKING, _ASKING)
        self._outage = StoreOutage()
        # Not by the library's own coroutines: these let a program that has just been answered abort at its end.
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="store")
        self._scratch = Scratch()
        self._trouble: tuple[float, str | None] = (-_KEPT_SECONDS, None)
        self._is_asked = asyncio.Lock()

    async def _ask(self, request: Callable[[S3Store], R], store: S3Store | None = None) -> R:
        """The answer of the store. Raises :class:`StoreAway`, and ``FileNotFoundError``."""
        # While it is known to be away, nobody waits for long: too many would.
        asked = store or (self._impatient if self._outage.is_on else self._patient)
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._threads, request, asked)
        except FileNotFoundError as error:
            if NO_BUCKET in str(error):
                raise self._failed(error) from error
            self._outage.end()
            raise
        except Exception as error:
            if BEYOND in str(error):
                raise EOFError("the object ends before that") from error
            raise self._failed(error) from error
        self._outage.end()
        return found

    def _failed(self, error: Exception) -> StoreAway:
        failure = failure_of(error)
        self._outage.begin(failure)
        return failure

    @property
    @override
    def ident(self) -> str:
        return self._ident

    # ------------------------------------------------------------ pieces

    @override
    def writing(self) -> S3Pieces:
        return self

    @override
    def new_keys(self, count: int) -> list[str]:
        return [secrets.token_hex(16) for _ in range(count)]

    @override
    async def put(self, contents: Mapping[str, Sequence[Bytes]]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for name, pieces in contents.items():
                    group.create_task(self._put(_checked(name), pieces))
        except ExceptionGroup as failures:
            # The others were cancelled.
            raise failures.exceptions[0] from None

    async def _put(self, name: str, pieces: Sequence[Bytes]) -> None:
        import obstore

        # What is sent again after a failure is the same, byte for byte.
        await self._ask(lambda store: obstore.put(store, name, pieces, use_multipart=False))

    @override
    async def receive(self, name: str, length: int, data: AsyncIterator[Bytes]) -> None:
        if length <= _WHOLE:
            await self._put(_checked(name), [part async for part in data])
        else:
            await self._receive_parts(_checked(name), length, data)

    async def _receive_parts(self, name: str, length: int, data: AsyncIterator[Bytes]) -> None:
        """What is too large for one request, such as a piece of a folder."""
        import obstore

        loop, failures = asyncio.get_running_loop(), list[BaseException]()

        async def following() -> Bytes | None:
            return await anext(data, None)

        def parts() -> Iterator[bytes]:
            while True:
                try:
                    part = asyncio.run_coroutine_threadsafe(following(), loop).result()
                except BaseException as error:
                    failures.append(error)
                    raise
                if part is None:
                    return
                yield bytes(part)

        def send(store: S3Store) -> BaseException | None:
            size = max(_WHOLE, length // _MOST_PARTS)
            try:
                obstore.put(store, name, parts(), use_multipart=True, chunk_size=size, max_concurrency=2)
            except BaseException:
                # The library wraps it.
                if failures:
                    return failures[0]
                raise
            return None

        failure = await self._ask(send)
        if failure is not None:
            raise failure

    @override
    async def opened(self, name: str, start: int, length: int, use: Callable[[Parts], T]) -> T:
        import obstore

        path = _checked(name)
        try:
            found = await self._ask(
                lambda store: obstore.get_range(store, path, start=start, length=length).to_bytes()
            )
        except FileNotFoundError:
            await self._check_marker()
            raise
        if len(found) < length:
            raise EOFError(f"the object ends at {start + len(found)}")
        return await asyncio.to_thread(use, [found])

    @override
    def reader(self) -> S3Reader:
        return S3Reader(self, self._ask, self._threads, self._scratch)

    async def _check_marker(self) -> None:
        """Raise :class:`StoreAway` if not only one object is missing: a bucket that was emptied, or is another one."""
        if await self.marker() is None:
            raise StoreAway("The bucket isn't the one that documents were stored in", gone=True)

    @override
    async def stored_lengths(self, names: Sequence[str]) -> list[int]:
        return [await self._length(name) or 0 for name in names]

    async def _length(self, name: str) -> int | None:
        import obstore

        try:
            return (await self._ask(lambda store: obstore.head(store, _checked(name))))["size"]
        except FileNotFoundError:
            return None

    @override
    async def fault_of(self, pieces: Sequence[tuple[str, int]]) -> Fault | None:
        # Each takes a request, so that of many only the first and the last are looked at: reading shows the others.
        for name, size in dict.fromkeys((*pieces[:1], *pieces[-1:])):
            length = await self._length(name)
            if length is None:
                await self._check_marker()
                return Fault.MISSING
            if length != size:
                return Fault.WRONG_SIZE
        return None

    @override
    async def stamp(self, name: str) -> str:
        import obstore

        found = await self._ask(lambda store: obstore.head(store, _checked(name)))
        return f"{found['size']} {found['last_modified'].isoformat()} {found['e_tag']}"[:128]

    @override
    async def signs(self, names: Sequence[str]) -> str:
        return ""

    @override
    async def place(self, name: str) -> str:
        return f"{self.address.url}/{name}"

    @override
    async def stored(self) -> AsyncIterator[Sequence[StoredBytes]]:
        import obstore

        listed = iter(obstore.list(self._patient, chunk_size=_LISTED_AT_ONCE))
        while batch := await self._ask(lambda _: next(listed, None)):
            yield [
                StoredBytes(
                    each["path"] if _NAME.fullmatch(each["path"]) else None,
                    f"{self.address.url}/{each['path']}",
                    each["size"],
                    each["last_modified"],
                )
                for each in batch
                if each["path"] != MARKER
            ]

    @override
    async def drop_from_memory(self, name: str) -> None:
        """Nothing of it is in memory."""

    @override
    async def delete(self, name: str) -> None:
        import obstore

        with suppress(FileNotFoundError):
            await self._ask(lambda store: obstore.delete(store, _checked(name)))

    # ------------------------------------------------------------ the store

    @override
    def room(self) -> int:
        return _ROOM

    @override
    def lacks_files(self) -> bool:
        return False

    @override
    def takes_writes(self) -> bool:
        return True

    @override
    async def trouble(self) -> str | None:
        # Everyone may ask the server, and the store isn't to be asked each time.
        async with self._is_asked:
            if monotonic() - self._trouble[0] >= _KEPT_SECONDS:
                self._trouble = monotonic(), await self._found_trouble()
            return self._trouble[1]

    async def _found_trouble(self) -> str | None:
        try:
            found = await self._marker(self._asking)
        except StoreAway as failure:
            return f"{failure.why}: documents are neither received nor given out."
        if found is None:
            return "The bucket isn't the one that documents were stored in."
        return None

    @override
    async def marker(self) -> str | None:
        return await self._marker(None)

    async def _marker(self, store: S3Store | None) -> str | None:
        import obstore

        def read(asked: S3Store) -> bytes:
            return obstore.get(asked, MARKER).bytes().to_bytes()

        try:
            return (await self._ask(read, store)).decode("ascii", "replace")
        except FileNotFoundError:
            return None

    @override
    async def mark(self, ident: str) -> None:
        import obstore

        content = ident.encode()
        await self._ask(lambda store: obstore.put(store, MARKER, content, use_multipart=False))

    @override
    async def unmark(self) -> None:
        import obstore

        with suppress(FileNotFoundError):
            await self._ask(lambda store: obstore.delete(store, MARKER))

    @override
    async def drop_half_received(self) -> None:
        """An object is whole or not there at all."""


def _checked(name: str) -> str:
    # Names are only made here; the check makes sure that no other text ever becomes an object's.
    if not _NAME.fullmatch(name):
        raise FileNotFoundError(name)
    return name
