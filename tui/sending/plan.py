"""The plan of a send: what to send, under which names, in which order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from ..clients.files import LocalFile
from ..override import override
from ..rules import names
from ..rules.errors import Failed, InvalidValue, NotFound
from ..rules.text import printable

if TYPE_CHECKING:
    from ..clients.work import WorkClient
    from ..wire.work import Document

#: As much of a name is told to the server.
_MOST_OF_NAME = 1024


class SendSource(Protocol):
    """Something that can be sent."""

    @property
    def label(self) -> str:
        """What Share records as the source: ``ACTIVE!453.1`` or ``file:NAME``."""
        ...

    @property
    def work_name(self) -> str | None:
        """What it is called in Work, if it is there, as messages can carry it."""
        ...

    @property
    def matter(self) -> str | None:
        """The name of the workspace that it is in, if it is in one that is known."""
        ...

    @property
    def name(self) -> str:
        """Its own name, with the extension; it may contain any characters."""
        ...

    @property
    def extension(self) -> str:
        """The extension without its dot; ``""`` if there is none."""
        ...

    @property
    def size(self) -> int:
        """The size in bytes, as listed; reading must yield exactly as many."""
        ...

    @property
    def sha256(self) -> str | None:
        """The digest that the bytes must have, in hexadecimal, if known."""
        ...

    @property
    def version_number(self) -> int | None:
        """The version's number; ``None`` if the source has no versions."""
        ...

    @property
    def version(self) -> object:
        """A token for the content: if it differs after :meth:`check`, the bytes may have changed."""
        ...

    async def check(self) -> None:
        """Refresh the source before sending; its size may change. Raises :class:`Problem` if it can't be read now."""
        ...

    def has_changed(self) -> bool:
        """Whether its content is another one since :meth:`check`, as far as that can be known without a request."""
        ...

    def read(self, start: int) -> AsyncIterator[bytes]:
        """Yield the bytes from ``start`` on. Raises :class:`Problem` if they can't be read."""
        ...


def check_content(source: SendSource, sha256: str) -> None:
    """Raise :class:`Failed` if ``sha256`` isn't the digest that the source was listed with."""
    if source.sha256 is not None and source.sha256 != sha256:
        raise Failed(
            "document.changed",
            f"The content of {printable(source.name)} differs from the list; reload the list and send it again.",
        )


def no_version(source: SendSource, code: str) -> NotFound:
    """The problem for a version in Work that is no longer accessible."""
    return NotFound(
        code,
        f"Version {source.version_number} of {printable(source.name)} ({printable(source.label)}) was deleted, or you "
        "no longer have access; choose another version and send that.",
    )


def _carried(name: str) -> str | None:
    """A name as messages carry it, which can't carry every one that Work may have; ``None`` if nothing is left."""
    return printable(name).strip()[:_MOST_OF_NAME] or None


class FileSource(SendSource):
    """A file on this machine."""

    sha256: str | None = None
    version_number: int | None = None
    work_name: str | None = None
    matter: str | None = None

    def __init__(self, file: LocalFile) -> None:
        self.file = file

    @classmethod
    def of(cls, path: Path | str) -> FileSource:
        """Inspect the file at ``path``, as :meth:`LocalFile.open` does. Raises :class:`InvalidValue` if it can't be
        sent."""
        return cls(LocalFile.open(path))

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self.file.path

    @property
    @override
    def name(self) -> str:
        return self.file.name

    @property
    @override
    def label(self) -> str:
        # A name may contain control characters or invalid UTF-8, which messages can't carry.
        return f"file:{printable(self.name)}"

    @property
    @override
    def extension(self) -> str:
        return names.extension(self.name)

    @property
    @override
    def size(self) -> int:
        return self.file.size

    @property
    @override
    def version(self) -> object:
        return self.file.identity

    @override
    async def check(self) -> None:
        self.file = await self.file.look_again()

    @override
    def has_changed(self) -> bool:
        return self.file.has_changed()

    @override
    def read(self, start: int) -> AsyncIterator[bytes]:
        return self.file.read(start)


class WorkSource(SendSource):
    """A version of a document in Work, as listed by ``work``."""

    def __init__(self, work: WorkClient, document: Document) -> None:
        self.work = work
        self.document = document

    @property
    @override
    def label(self) -> str:
        return self.document.id

    @property
    @override
    def work_name(self) -> str | None:
        return _carried(self.name)

    @property
    @override
    def matter(self) -> str | None:
        return _carried(self.document.workspace_name or "")

    @property
    @override
    def name(self) -> str:
        return self.document.file_name

    @property
    @override
    def extension(self) -> str:
        return self.document.extension

    @property
    @override
    def size(self) -> int:
        return self.document.size or 0

    @property
    @override
    def sha256(self) -> str | None:
        return self.document.sha256

    @property
    @override
    def version_number(self) -> int | None:
        return self.document.version

    @property
    @override
    def version(self) -> object:
        return self.document.id

    @property
    def with_share(self) -> bool:
        """Whether Work is on the publishing server."""
        return not self.work.apart

    @override
    async def check(self) -> None:
        # A list may omit the size. A deleted document is noticed when it is read.
        if self.document.size is None:
            self.document = await self.work.document(self.document.id)
        if self.document.size is None:
            length = await self.work.length(self.document.id)
            self.document = self.document.model_copy(update={"size": length})

    @override
    def has_changed(self) -> bool:
        return False

    @override
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
    """A document of a plan, and what its link's file is called."""

    source: SendSource
    link_name: str


class Plan:
    """The rows of a send, in the order of its links. Every change can be undone."""

    def __init__(self, sources: Iterable[SendSource] = (), typed: Mapping[int, str] | None = None) -> None:
        """``typed`` are link names that the user typed for some of the sources, by index.

        Raises :class:`InvalidValue` if one of them is invalid or not unique.
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
        self._undo_stack: list[tuple[PlanRow, ...]] = []

    @classmethod
    def of(cls, rows: Iterable[PlanRow]) -> Plan:
        """Create a plan from existing rows."""
        plan = cls()
        plan._rows = tuple(rows)
        return plan

    @property
    def rows(self) -> tuple[PlanRow, ...]:
        """In the order of the links; replaced, never changed, when the plan changes."""
        return self._rows

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to undo."""
        return self.changes > 0

    @property
    def changes(self) -> int:
        """How many changes can be undone."""
        return len(self._undo_stack)

    @property
    def total(self) -> int:
        """The bytes of all rows."""
        return sum(row.source.size for row in self._rows)

    def rename(self, index: int, typed: str) -> str:
        """Give the row the link name that results from ``typed``. Returns that name.

        Raises :class:`InvalidValue` and leaves the row unchanged if the name is invalid or another row has it.
        """
        new = self.check_name(index, typed)
        if new != self._rows[index].link_name:
            rows = list(self._rows)
            rows[index] = replace(rows[index], link_name=new)
            self._change(rows)
        return new

    def check_name(self, index: int, typed: str) -> str:
        """Check a name as :meth:`rename` does, without changing the row: for validation while the user types."""
        edited, extension = self._rows[index], self._rows[index].source.extension
        new = names.typed(names.retyped(typed, edited.link_name, extension), extension)
        for other, row in enumerate(self._rows):
            if other != index and names.key(row.link_name) == names.key(new):
                raise InvalidValue(
                    "name.taken",
                    f"The name {printable(new)} is taken by row {other + 1}; choose another.",
                    "name",
                )
        return new

    def move(self, index: int, by: int) -> int:
        """Move the row down by ``by`` (up if negative), at most to the end of the list. Returns its new index."""
        new = min(max(index + by, 0), len(self._rows) - 1)
        if new != index:
            rows = list(self._rows)
            rows.insert(new, rows.pop(index))
            self._change(rows)
        return new

    def remove(self, index: int) -> PlanRow:
        """Remove and return the row."""
        rows = list(self._rows)
        removed = rows.pop(index)
        self._change(rows)
        return removed

    def undo(self) -> bool:
        """Undo the last rename, move or removal. Returns False if there is none."""
        if not self._undo_stack:
            return False
        self._rows = self._undo_stack.pop()
        return True

    def _change(self, rows: list[PlanRow]) -> None:
        self._undo_stack.append(self._rows)
        self._rows = tuple(rows)
