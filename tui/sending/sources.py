"""What is sent: a local file, or a version of a document in Work."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from ..clients.files import LocalFile
from ..override import override
from ..rules import names
from ..rules.errors import Failed, NotFound
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
