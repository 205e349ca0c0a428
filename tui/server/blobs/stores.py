"""The store that pieces are in, and while they are moved to another one, both.

What is new is stored in the first. What is read may be in either: a piece keeps its name, and is deleted from one store
only after it is whole in the other. So whoever doesn't find it in one finds it in the other; and whoever finds it in
none may not have heard of a move, and asks the database before saying so.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from ...override import override
from .base import Bytes, Fault, OwnStore, Parts, PieceReader, Store, StoreAway, StoredBytes, T
from .local import LocalBlobs

R = TypeVar("R")


class _FindingReader(PieceReader):
    """Reads on where it has found a piece."""

    def __init__(self, stores: Stores) -> None:
        super().__init__(stores)
        self._stores = stores
        self._readers: dict[str, PieceReader] = {}
        #: The piece read last, and the store that had it.
        self._had: tuple[str, OwnStore] | None = None

    @property
    @override
    def is_far(self) -> bool:
        return any(reader.is_far for reader in self._readers.values())

    @override
    async def opened(
        self, name: str, start: int, length: int, use: Callable[[Parts], T], then: str | None = None
    ) -> T:
        async def ask(store: OwnStore) -> T:
            reader = self._readers.get(store.ident) or self._readers.setdefault(store.ident, store.reader())
            found = await reader.opened(name, start, length, use, then)
            self._had = name, store
            return found

        had = self._had[1] if self._had is not None and self._had[0] == name else None
        return await self._stores.first(ask, had)

    @override
    def give_back(self) -> None:
        for reader in self._readers.values():
            reader.give_back()


class Stores(Store):
    """At first, the data folder only."""

    def __init__(self, folder: LocalBlobs) -> None:
        self.folder = folder
        self._connected: tuple[OwnStore, ...] = (folder,)
        #: Takes up what the database says of a move; returns whether that is something new.
        self.refresh: Callable[[], Awaitable[bool]] | None = None
        #: The step of a move that was taken up last, and why the one after it can't be.
        self.seen, self.trouble_of_move = "", ""

    @property
    def connected(self) -> tuple[OwnStore, ...]:
        """All of them, that for what is new first."""
        return self._connected

    def connect(self, stores: Sequence[OwnStore]) -> None:
        """Use these from now on; what is new is stored in the first."""
        self._connected = tuple(stores)

    @override
    def writing(self) -> OwnStore:
        return self._connected[0]

    # ------------------------------------------------------------ what may be in either

    async def first(self, ask: Callable[[OwnStore], Awaitable[R]], had: OwnStore | None = None) -> R:
        """The answer of the first store that has what is asked for; of the one that ``had`` it a moment ago, if that
        still has it."""
        if len(self._connected) == 1:
            # As nearly always.
            try:
                return await ask(self._connected[0])
            except FileNotFoundError:
                if not await self._is_news():
                    raise
            except StoreAway as away:
                # Perhaps it is this installation's no longer.
                if not (away.refuses and await self._is_news()):
                    raise
        return await self._first_of_all(ask, had)

    async def _first_of_all(self, ask: Callable[[OwnStore], Awaitable[R]], had: OwnStore | None) -> R:
        missing: FileNotFoundError | None = None
        away: StoreAway | None = None
        # Twice: it may have been moved from the one that was asked last to the one that was asked first.
        first = (had,) if had in self._connected else ()
        for store in (*first, *self._connected, *self._connected):
            try:
                return await ask(store)
            except FileNotFoundError as error:
                missing = error
            except StoreAway as error:
                away = error
        if await self._is_news():
            return await self.first(ask)
        # Where the one that can't be asked may have it, it isn't missing.
        raise away or missing or FileNotFoundError()

    async def _is_news(self) -> bool:
        return self.refresh is not None and await self.refresh()

    @override
    async def opened(self, name: str, start: int, length: int, use: Callable[[Parts], T]) -> T:
        return await self.first(lambda store: store.opened(name, start, length, use))

    @override
    def reader(self) -> PieceReader:
        return _FindingReader(self)

    @override
    async def stored_lengths(self, names: Sequence[str]) -> list[int]:
        found = await self._connected[0].stored_lengths(names)
        for store in self._connected[1:]:
            left = [number for number, length in enumerate(found) if not length]
            more = await store.stored_lengths([names[number] for number in left]) if left else []
            for number, length in zip(left, more, strict=True):
                found[number] = length
        return found

    @override
    async def fault_of(self, pieces: Sequence[tuple[str, int]]) -> Fault | None:
        if len(self._connected) == 1:
            found = await self._connected[0].fault_of(pieces)
            if found is not Fault.MISSING or not await self._is_news():
                return found
        # As of what is far away, the first and the last.
        for piece in dict.fromkeys((*pieces[:1], *pieces[-1:])):
            found = await self._fault_of(piece)
            if found is not None:
                return found
        return None

    async def _fault_of(self, piece: tuple[str, int]) -> Fault | None:
        async def ask(store: OwnStore) -> Fault | None:
            found = await store.fault_of([piece])
            if found is Fault.MISSING:
                raise FileNotFoundError(piece[0])
            return found

        try:
            return await self.first(ask)
        except FileNotFoundError:
            return Fault.MISSING

    @override
    async def stamp(self, name: str) -> str:
        return await self.first(lambda store: store.stamp(name))

    @override
    async def signs(self, names: Sequence[str]) -> str:
        # Being moved changes nothing of a piece.
        return "" if len(self._connected) > 1 else await self._connected[0].signs(names)

    @override
    async def place(self, name: str) -> str:
        for store in self._connected[1:]:
            if (await store.stored_lengths([name]))[0]:
                return await store.place(name)
        return await self._connected[0].place(name)

    # ------------------------------------------------------------ all of them

    @override
    async def stored(self) -> AsyncIterator[Sequence[StoredBytes]]:
        for store in self._connected:
            async for found in store.stored():
                yield found

    @override
    async def drop_from_memory(self, name: str) -> None:
        for store in self._connected:
            await store.drop_from_memory(name)

    @override
    async def delete(self, name: str) -> None:
        away: StoreAway | None = None
        for store in self._connected:
            try:
                await store.delete(name)
            except StoreAway as error:
                away = error
        if away is not None:
            raise away

    @override
    async def trouble(self) -> str | None:
        for store in self._connected:
            found = await store.trouble()
            if found is not None:
                return found
        return None

    # ------------------------------------------------------------ that for what is new

    @override
    def new_keys(self, count: int) -> list[str]:
        return self.writing().new_keys(count)

    @override
    async def put(self, contents: Mapping[str, Sequence[Bytes]]) -> None:
        await self.writing().put(contents)

    @override
    def room(self) -> int:
        return self.writing().room()

    @override
    def lacks_files(self) -> bool:
        return self.writing().lacks_files()

    @override
    def takes_writes(self) -> bool:
        return self.writing().takes_writes()
