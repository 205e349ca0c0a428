"""Recording sources in a journal, and finding them again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..clients.files import LocalFile
from ..rules import names
from ..rules.errors import Conflict, NotSignedIn, Problem, Throttled, Unreachable
from ..rules.text import printable
from .sources import FileSource, SendSource, WorkSource

if TYPE_CHECKING:
    from ..clients.work import WorkClient


class LostSource:
    """A source that no longer exists; ``problem`` says why."""

    sha256: str | None = None
    version_number: int | None = None
    work_name: str | None = None
    matter: str | None = None
    version: object = None

    def __init__(self, name: str, label: str, size: int, problem: Problem) -> None:
        self.name = name
        self.label = label
        self.size = size
        self.problem = problem

    @property
    def extension(self) -> str:
        """That of its name."""
        return names.extension(self.name)

    async def check(self) -> None:
        """Raise its problem, so that its row fails before anything is sent."""
        raise self.problem

    def has_changed(self) -> bool:
        """Never: there is nothing left that could."""
        return False

    def read(self, start: int) -> AsyncIterator[bytes]:
        """Raise its problem."""
        raise self.problem


def source_record(source: SendSource) -> dict[str, Any]:
    """The journal entry that identifies a source: the path of a file, the id of a version in Work."""
    record: dict[str, Any] = {"name": source.name, "label": source.label, "size": source.size}
    if isinstance(source, FileSource):
        return {"file": str(source.path.absolute()), "version": source.version, **record}
    if isinstance(source, WorkSource):
        return {"work": source.document.id, "server": _server_of(source.work), **record}
    return record


async def find_source(work: WorkClient | None, record: Mapping[str, Any]) -> SendSource:
    """Find the source of a journal entry; a :class:`LostSource` if it no longer exists. Raises :class:`Problem` if
    that can't be determined now."""
    if "file" in record:
        # It is inspected when its turn comes: a missing file may be back by then.
        path = Path(record["file"])
        return FileSource(LocalFile(path, path.name, record["size"], (0, 0, 0)))
    try:
        if "work" in record and work is not None and record.get("server") == _server_of(work):
            return WorkSource(work, await work.document(record["work"]))
    except Problem as problem:
        if isinstance(problem, (NotSignedIn, Throttled, Unreachable)):
            raise
        return _lost(record, problem)
    message = f"{printable(record['name'])} is on another Work server; sign in there to send it."
    return _lost(record, Conflict("document.elsewhere", message))


def _lost(record: Mapping[str, Any], problem: Problem) -> LostSource:
    return LostSource(record["name"], record["label"], record["size"], problem)


def _server_of(work: WorkClient) -> str:
    return str(work.http.base_url) if work.apart else ""
