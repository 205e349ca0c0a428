"""What is sent, as a journal says it, and found again by what it says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..clients.files import LocalFile
from ..rules import names
from ..rules.errors import Conflict, NotSignedIn, Problem, Throttled, Unreachable
from ..rules.text import printable
from .plan import FileSource, Source, WorkSource

if TYPE_CHECKING:
    from ..clients.work import WorkClient


class LostSource:
    """Something that was to be sent and is not there any more; ``problem`` says why."""

    sha256: str | None = None
    version_number: int | None = None
    version: object = None

    def __init__(self, name: str, label: str, size: int, problem: Problem) -> None:
        self.name = name
        self.label = label
        self.size = size
        self.problem = problem

    @property
    def extension(self) -> str:
        return names.extension(self.name)

    async def check(self) -> None:
        raise self.problem

    def read(self, start: int) -> AsyncIterator[bytes]:
        raise self.problem


def said_of(source: Source) -> dict[str, Any]:
    """What identifies a source: the path of a file, the id of a version in Work."""
    said: dict[str, Any] = {"name": source.name, "label": source.label, "size": source.size}
    if isinstance(source, FileSource):
        return {"file": str(source.path.absolute()), **said}
    if isinstance(source, WorkSource):
        return {"work": source.document.id, "server": _server_of(source.work), **said}
    return said


def identity(said: Mapping[str, Any]) -> str:
    """One text for each thing that can be sent: the same for the same one, whatever it holds by now."""
    return str(said.get("file") or f"{said.get('server')} {said.get('work') or said.get('label')}")


async def found_again(work: WorkClient | None, said: Mapping[str, Any]) -> Source:
    """The source as it is now; a :class:`LostSource` where it is not there any more. Raises :class:`Problem` where
    that cannot be known now."""
    if "file" in said:
        # It is looked at when its turn comes: one that is missing may be back by then.
        path = Path(said["file"])
        return FileSource(LocalFile(path, path.name, said["size"], (0, 0, 0)))
    try:
        if "work" in said and work is not None and said.get("server") == _server_of(work):
            return WorkSource(work, await work.document(said["work"]))
    except Problem as problem:
        if isinstance(problem, (NotSignedIn, Throttled, Unreachable)):
            raise
        return _lost(said, problem)
    told = f"{printable(said['name'])} is of another Work server; sign in there to send it."
    return _lost(said, Conflict("document.elsewhere", told))


def _lost(said: Mapping[str, Any], problem: Problem) -> LostSource:
    return LostSource(said["name"], said["label"], said["size"], problem)


def _server_of(work: WorkClient) -> str:
    return str(work.http.base_url) if work.apart else ""
