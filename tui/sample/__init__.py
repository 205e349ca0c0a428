"""The sample matters of ``sentlinks demo``: made-up workspaces with their documents and versions.

``matters.json`` tells what there is, ``files/`` holds the bytes, and both are written by
``python -m tests.sample_maker``, which the program itself never imports. Times are days before now, so that the
demo always looks as if it were in use::

    for path, document in matters().documents():
        print(*path, document.file_name, document.latest.size)

Names are as hostile as those that people meet: see to it where they are shown or become names of files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

Item = TypeVar("Item")

Path = tuple[str, ...]
"""Where something is: the workspace's name, the folders' names and, of a document, its file name."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the firm. The demo is Dana Jones's (``DJONES``)."""

    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document, saved by the person ``operator``."""

    number: int
    file: str
    operator: str
    days_ago: float
    comment: str

    def read(self) -> bytes:
        """The content."""
        place = files(__name__) / "files"
        for step in self.file.split("/"):
            place /= step
        return place.read_bytes()

    @property
    def size(self) -> int:
        """Bytes of the content: it is read for it, since a package need not be a folder."""
        return len(self.read())


@dataclass(frozen=True, slots=True)
class CheckOut:
    """The document's last version (``version``) is checked out by the person ``by``."""

    by: str
    days_ago: float
    version: int
    comment: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document: at least one version, the oldest first; ``versions[n - 1]`` has the number n."""

    name: str
    extension: str
    document_class: str
    author: str
    versions: tuple[Version, ...]
    checked_out: CheckOut | None

    @property
    def file_name(self) -> str:
        return f"{self.name}.{self.extension}"

    @property
    def latest(self) -> Version:
        return self.versions[-1]


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of a workspace or of another folder; it may be empty."""

    name: str
    folders: tuple[Folder, ...]
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Workspace:
    """A matter. Some documents may lie in it directly."""

    name: str
    description: str
    owner: str
    folders: tuple[Folder, ...]
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Favorite:
    """A shortcut in My Favorites to a folder or a workspace."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Matters:
    """All of it. ``recent`` is the Document Worklist of DJONES, the newest first."""

    people: tuple[Person, ...]
    workspaces: tuple[Workspace, ...]
    recent: tuple[Path, ...]
    favorites: tuple[Favorite, ...]

    def person(self, number: str) -> Person:
        """The person with this id; ``LookupError`` where there is none."""
        return _only((person for person in self.people if person.id == number), number)

    def place(self, path: Path) -> Workspace | Folder:
        """The workspace or folder at ``path``; ``LookupError`` where there is none."""
        name, *rest = path
        place: Workspace | Folder = _only((space for space in self.workspaces if space.name == name), name)
        for step in rest:
            place = _only((folder for folder in place.folders if folder.name == step), step)
        return place

    def document(self, path: Path) -> Document:
        """The document at ``path``; ``LookupError`` where there is none."""
        *places, name = path
        found = (document for document in self.place(tuple(places)).documents if document.file_name == name)
        return _only(found, name)

    def documents(self) -> Iterator[tuple[Path, Document]]:
        """Every document, with the path of its folder (or workspace), in the order of the tree."""
        for workspace in self.workspaces:
            yield from _documents((workspace.name,), workspace)


@cache
def matters() -> Matters:
    """The sample matters. They cannot be changed, and are read once."""
    data = json.loads((files(__name__) / "matters.json").read_text("utf-8"))
    return Matters(
        people=tuple(Person(**person) for person in data["people"]),
        workspaces=tuple(
            Workspace(space["name"], space["description"], space["owner"], *_content(space))
            for space in data["workspaces"]
        ),
        recent=tuple(tuple(path) for path in data["recent"]),
        favorites=tuple(Favorite(entry["name"], tuple(entry["path"])) for entry in data["favorites"]),
    )


def _content(data: dict[str, Any]) -> tuple[tuple[Folder, ...], tuple[Document, ...]]:
    folders = tuple(Folder(folder["name"], *_content(folder)) for folder in data["folders"])
    return folders, tuple(_document(document) for document in data["documents"])


def _document(data: dict[str, Any]) -> Document:
    out = data["checked_out"]
    return Document(
        name=data["name"],
        extension=data["extension"],
        document_class=data["class"],
        author=data["author"],
        versions=tuple(Version(number, **entry) for number, entry in enumerate(data["versions"], 1)),
        checked_out=CheckOut(**out) if out else None,
    )


def _documents(path: Path, place: Workspace | Folder) -> Iterator[tuple[Path, Document]]:
    for document in place.documents:
        yield path, document
    for folder in place.folders:
        yield from _documents((*path, folder.name), folder)


def _only(found: Iterator[Item], what: str) -> Item:
    for item in found:
        return item
    raise LookupError(f"The sample has no {what!r}.")
