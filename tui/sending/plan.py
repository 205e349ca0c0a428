"""What is to be sent, under which names, in which order: the rows of a send before it begins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from ..clients.files import LocalFile
from ..rules import names
from ..rules.errors import Failed, InvalidValue, NotFound
from ..rules.text import printable

if TYPE_CHECKING:
    from ..clients.work import WorkClient
    from ..wire.work import Document


class Source(Protocol):
    """Something that can be sent."""

    @property
    def label(self) -> str:
        """What Share notes as the source: ``ACTIVE!453.1`` or ``file:NAME``."""
        ...

    @property
    def name(self) -> str:
        """Its own name, with the extension; it may hold anything."""
        ...

    @property
    def extension(self) -> str:
        """Without its dot; ``""`` where it has none."""
        ...

    @property
    def size(self) -> int:
        """Bytes, as listed; what is read must be as long."""
        ...

    @property
    def sha256(self) -> str | None:
        """The digest that the bytes must have, in hexadecimal, where it is known."""
        ...

    @property
    def version_number(self) -> int | None:
        """Which version of a document it is; ``None`` for what has no versions."""
        ...

    @property
    def version(self) -> object:
        """Another one after :meth:`check` says that the bytes may be others than before."""
        ...

    async def check(self) -> None:
        """Looks again before something is sent. Raises :class:`Problem` where it cannot be read now.

        The size may be another afterwards.
        """
        ...

    def read(self, start: int) -> AsyncIterator[bytes]:
        """The bytes from ``start`` on. Raises :class:`Problem` where they cannot be had."""
        ...


def check_content(source: Source, sha256: str) -> None:
    """Raises :class:`Failed` where what was read is not what the source was listed with."""
    if source.sha256 is not None and source.sha256 != sha256:
        raise Failed(
            "document.changed",
            f"The content of {printable(source.name)} differs from the list; reload the list and send it again.",
        )


def no_version(source: Source, code: str) -> NotFound:
    """The failure of a version of Work that cannot be had."""
    return NotFound(
        code,
        f"Version {source.version_number} of {printable(source.name)} ({printable(source.label)}) was deleted, or you "
        "no longer have access; choose another version and send that.",
    )


class FileSource:
    """A file of this machine."""

    sha256: str | None = None
    version_number: int | None = None

    def __init__(self, file: LocalFile) -> None:
        self.file = file

    @classmethod
    def of(cls, path: Path) -> FileSource:
        """Looks at the file at ``path``. Raises :class:`InvalidValue` where it cannot be sent."""
        return cls(LocalFile.open(path))

    @property
    def path(self) -> Path:
        return self.file.path

    @property
    def name(self) -> str:
        return self.file.name

    @property
    def label(self) -> str:
        # A name may hold control characters, or bytes that are no UTF-8: no message carries those.
        return f"file:{printable(self.name)}"

    @property
    def extension(self) -> str:
        return names.extension(self.name)

    @property
    def size(self) -> int:
        return self.file.size

    @property
    def version(self) -> object:
        return self.file.identity

    async def check(self) -> None:
        self.file = await self.file.look_again()

    def read(self, start: int) -> AsyncIterator[bytes]:
        return self.file.read(start)


class WorkSource:
    """A version of a document of Work, as ``work`` lists or shows it."""

    def __init__(self, work: WorkClient, document: Document) -> None:
        self.work = work
        self.document = document

    @property
    def label(self) -> str:
        return self.document.id

    @property
    def name(self) -> str:
        return self.document.file_name

    @property
    def extension(self) -> str:
        return self.document.extension

    @property
    def size(self) -> int:
        return self.document.size or 0

    @property
    def sha256(self) -> str | None:
        return self.document.sha256

    @property
    def version_number(self) -> int | None:
        return self.document.version

    @property
    def version(self) -> object:
        return self.document.id

    @property
    def with_share(self) -> bool:
        """Whether Work is on the server that publishes."""
        return not self.work.apart

    async def check(self) -> None:
        # A list may leave the size out. That a document is gone shows when it is read.
        if self.document.size is None:
            self.document = await self.work.document(self.document.id)
        if self.document.size is None:
            length = await self.work.length(self.document.id)
            self.document = self.document.model_copy(update={"size": length})

    async def read(self, start: int) -> AsyncIterator[bytes]:
        document = self.document
        pieces = self.work.download(document.id, start, size=document.size, sha256=document.sha256)
        try:
            async with aclosing(cast("Any", pieces)):
                async for piece in pieces:
                    yield piece
        except NotFound as problem:
            raise no_version(self, problem.code) from None


@dataclass(frozen=True, slots=True)
class PlanRow:
    source: Source
    link_name: str


class Plan:
    """The rows of a send, in the order of its links. Each change can be undone."""

    def __init__(self, sources: Iterable[Source] = (), typed: Mapping[int, str] | None = None) -> None:
        """``typed`` holds the names typed for some of the sources, by index.

        Raises :class:`InvalidValue` where one of them is refused, or is another row's name.
        """
        found = list(sources)
        link_names = {i: names.typed(name, found[i].extension) for i, name in (typed or {}).items()}
        others = [i for i in range(len(found)) if i not in link_names]
        link_names |= zip(
            others, names.unique(names.clean(found[i].name, found[i].extension) for i in others), strict=True
        )
        if typed:
            names.check_distinct([link_names[i] for i in range(len(found))])
        self._rows = tuple(PlanRow(source, link_names[i]) for i, source in enumerate(found))
        self._earlier: list[tuple[PlanRow, ...]] = []

    @classmethod
    def of(cls, rows: Iterable[PlanRow]) -> Plan:
        """A plan of rows as they were planned before."""
        plan = cls()
        plan._rows = tuple(rows)
        return plan

    @property
    def rows(self) -> tuple[PlanRow, ...]:
        return self._rows

    @property
    def can_undo(self) -> bool:
        return bool(self._earlier)

    @property
    def total(self) -> int:
        """Bytes of all rows."""
        return sum(row.source.size for row in self._rows)

    def rename(self, index: int, typed: str) -> str:
        """Gives the row the link name that ``typed`` means, and answers it.

        Raises :class:`InvalidValue`, with the row as it was, where the name is refused or another row has it.
        """
        new = self.check_name(index, typed)
        if new != self._rows[index].link_name:
            rows = list(self._rows)
            rows[index] = replace(rows[index], link_name=new)
            self._change(rows)
        return new

    def check_name(self, index: int, typed: str) -> str:
        """What :meth:`rename` would do, without doing it: for checking while somebody types."""
        new = names.typed(typed, self._rows[index].source.extension)
        for other, row in enumerate(self._rows):
            if other != index and names.key(row.link_name) == names.key(new):
                raise InvalidValue(
                    "name.taken",
                    f"The name {printable(new)} is taken by row {other + 1}; choose another.",
                    "name",
                )
        return new

    def move(self, index: int, by: int) -> int:
        """Moves the row by so many places (negative: up), as far as there is room; answers its new index."""
        new = min(max(index + by, 0), len(self._rows) - 1)
        if new != index:
            rows = list(self._rows)
            rows.insert(new, rows.pop(index))
            self._change(rows)
        return new

    def remove(self, index: int) -> PlanRow:
        """Takes the row off the list and answers it."""
        rows = list(self._rows)
        removed = rows.pop(index)
        self._change(rows)
        return removed

    def undo(self) -> bool:
        """Takes back the last rename, move or removal; False where there is none left."""
        if not self._earlier:
            return False
        self._rows = self._earlier.pop()
        return True

    def _change(self, rows: list[PlanRow]) -> None:
        self._earlier.append(self._rows)
        self._rows = tuple(rows)
