"""Importing a folder tree of this machine into Work's library, repeatedly if needed.

The tree becomes a workspace, its folders folders, its files documents. On a later import a file with changed content
becomes a new version of its document; an unchanged file is skipped, and a document whose file was deleted is kept.
Documents are named as in Work: ``Offer.docx`` is *Offer* with the extension ``docx``.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from ..clients.library import FileContent, LibraryClient
from ..clients.tree import Parts, Tree, TreeFile, shown
from ..rules import names
from ..rules.errors import Failed, Interrupted, InvalidValue, NotAllowed, NotSignedIn, Problem, Unreachable
from ..rules.text import printable
from ..wire.work import Container, Document

_AT_ONCE = 8
# The length of the queue between reading and sending: the tree is read no faster than it is sent.
_QUEUE_LENGTH = 32
_WRITING = ("read_write", "full_access")


@dataclass(frozen=True, slots=True)
class Failure:
    """A file or folder that wasn't imported, by its path in the tree."""

    path: str
    code: str
    message: str


@dataclass(slots=True)
class ImportOutcome:
    """What an import has done so far. ``stopped`` is the problem that ended it early."""

    workspace: Container | None = None
    added: int = 0
    versions: int = 0
    unchanged: int = 0
    failed: list[Failure] = field(default_factory=list)
    stopped: Problem | None = None

    @property
    def done(self) -> int:
        """How many files have been dealt with, in whatever way."""
        return self.added + self.versions + self.unchanged + len(self.failed)


#: What matches a file to a document: name and extension, as Work stores them.
Key = tuple[str, str]


@dataclass(slots=True)
class _Group:
    """The files in a folder that get the same name in Work, and the existing documents with that name."""

    folder: str
    key: Key
    files: list[TreeFile] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)


def key_of(name: str) -> Key:
    """The name of a file in Work: the name without its extension, and the extension in lower case."""
    stem, dotted = names.split(name)
    return stem.strip(), dotted.removeprefix(".").lower()


class Import:
    """One import. ``on_change`` is called with :attr:`outcome` whenever it has changed."""

    def __init__(
        self,
        work: LibraryClient,
        tree: Tree,
        workspace: str,
        security: str | None = None,
        on_change: Callable[[ImportOutcome], None] = lambda outcome: None,
    ) -> None:
        self.outcome = ImportOutcome()
        self._work = work
        self._tree = tree
        self._name = workspace.strip()
        self._security = security
        self._on_change = on_change
        self._me = ""

    async def run(self) -> ImportOutcome:
        """Import the tree. Raises a :class:`Problem` that keeps everything from being imported; problems of single
        files are in the outcome."""
        space, fresh = await self._workspace()
        self.outcome.workspace = space
        self._me = (await self._work.discover()).user_id
        groups: asyncio.Queue[_Group | None] = asyncio.Queue(_QUEUE_LENGTH)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(_AT_ONCE):
                tasks.create_task(self._sender(groups))
            await self._walk(space, fresh, groups)
            for _ in range(_AT_ONCE):
                await groups.put(None)
        stopped, outcome = self.outcome.stopped, self.outcome
        if stopped is not None and not (outcome.added or outcome.versions or outcome.unchanged):
            raise stopped
        return outcome

    async def _workspace(self) -> tuple[Container, bool]:
        """The workspace of that name, and whether it is new. Of several, the caller's own oldest, else the oldest."""
        if not self._name:
            raise InvalidValue("workspace.empty", "The name of the workspace is empty.", "workspace")
        existing = await self._work.workspaces_named(self._name)
        if not existing:
            return await self._work.new_workspace(self._name, self._security or "public"), True
        me = (await self._work.discover()).user_id.lower()
        space = next((one for one in existing if (one.owner or "").lower() == me), existing[0])
        if space.effective_security not in (None, *_WRITING):
            raise NotAllowed(
                "workspace.read_only",
                f"You can read the workspace {printable(self._name)}, but not change it.",
            )
        if self._security not in (None, space.default_security):
            raise InvalidValue(
                "workspace.security",
                f"The workspace {printable(self._name)} already exists and is {space.default_security}; change "
                "that in Work, or leave --security out.",
                "security",
            )
        return space, False

    # ------------------------------------------------------------ the tree

    async def _walk(self, space: Container, fresh: bool, groups: asyncio.Queue[_Group | None]) -> None:
        folders: list[tuple[Parts, Container, bool]] = [((), space, fresh)]
        while folders and self.outcome.stopped is None:
            parent, container, fresh = folders.pop()
            try:
                listing = await asyncio.to_thread(self._tree.listing, parent)
                subfolders, documents = ({}, {}) if fresh else await self._children(container)
            except Problem as problem:
                self._fail(parent, problem)
                continue
            for path, reason in listing.refused:
                self._fail(path, reason)
            for group in _grouped(container.id, listing.files, documents):
                await groups.put(group)
            for name in reversed(listing.folders):
                path = (*parent, name)
                try:
                    existing = subfolders.get(name.strip())
                    folder = existing or await self._work.new_folder(container, name)
                except Problem as problem:
                    self._fail(path, problem)
                else:
                    subfolders[name.strip()] = folder
                    folders.append((path, folder, existing is None))

    async def _children(self, container: Container) -> tuple[dict[str, Container], dict[Key, list[Document]]]:
        """The content of a container: folders by name, and the latest versions by name and extension."""
        folders: dict[str, Container] = {}
        documents: dict[Key, list[Document]] = {}
        async for page in self._work.child_pages(container.id, 500):
            for entry in page.items:
                if isinstance(entry, Container):
                    folders.setdefault(entry.name, entry)
                elif isinstance(entry, Document):
                    documents.setdefault((entry.name, entry.extension), []).append(entry)
        return folders, documents

    # ------------------------------------------------------------ sending

    async def _sender(self, groups: asyncio.Queue[_Group | None]) -> None:
        while (group := await groups.get()) is not None:
            # After a fatal problem the queue is still drained, so that the producer isn't blocked.
            if self.outcome.stopped is None:
                await self._send_group(group)

    async def _send_group(self, group: _Group) -> None:
        digests: list[tuple[TreeFile, str, bytes | None]] = []
        for file in group.files:
            try:
                if not group.key[0]:
                    raise Failed("name.blank", "Its name is only spaces; rename it.")
                digest, content = await asyncio.to_thread(self._tree.digest, file)
                # For more than one file, the bytes aren't kept but read again when they are sent.
                digests.append((file, digest, content if len(group.files) == 1 else None))
            except Problem as problem:
                self._fail(file.path, problem)
        unmatched = sorted(group.documents, key=lambda document: document.document_number or 0)
        changed = []
        for file, digest, content in digests:
            try:
                match = await self._find_unchanged(unmatched, file, digest)
            except Problem as problem:
                self._fail(file.path, problem)
                continue
            if match is None:
                changed.append((file, digest, content))
            else:
                unmatched.remove(match)
                self.outcome.unchanged += 1
                self._on_change(self.outcome)
        for file, digest, content in changed:
            await self._send(group, unmatched.pop(0) if unmatched else None, file, digest, content)

    async def _find_unchanged(
        self, documents: Iterable[Document], file: TreeFile, digest: str
    ) -> Document | None:
        """The one of ``documents`` that has the file's content."""
        for document in documents:
            sha256 = document.sha256
            if sha256 is None and document.size in (None, file.size):
                # Without a digest from the server, the bytes have to be downloaded.
                sha256 = await self._digest(document.id, file.size)
            if sha256 == digest:
                return document
        return None

    async def _digest(self, document_id: str, size: int) -> str:
        """The digest of a document's bytes, of which no more are read than are needed to tell them from ``size``."""
        hasher, received = hashlib.sha256(), 0
        async with aclosing(self._work.download(document_id)) as pieces:
            async for piece in pieces:
                hasher.update(piece)
                received += len(piece)
                if received > size:
                    break
        return hasher.hexdigest()

    async def _send(
        self, group: _Group, document: Document | None, file: TreeFile, digest: str, content: bytes | None
    ) -> None:
        stem, extension = group.key
        fields: dict[str, Any] = {
            "name": stem,
            "extension": extension,
            "size": file.size,
            "checksum": f"SHA256:{digest.upper()}",
        }
        if file.modified is not None:
            at = file.modified.isoformat(timespec="milliseconds")
            fields["file_edit_date"] = at.replace("+00:00", "Z")
        body = FileContent(file.size, lambda: self._pieces(file, content))
        try:
            if document is None:
                fields |= {
                    "class": "DOC",
                    "author": self._me,
                    "operator": self._me,
                    "default_security": "inherit",
                }
                await self._work.upload(group.folder, _profile(fields), body)
                self.outcome.added += 1
            else:
                await self._work.new_version(document.id, _profile(fields), body)
                self.outcome.versions += 1
        except Problem as problem:
            self._fail(file.path, problem)
        self._on_change(self.outcome)

    async def _pieces(self, file: TreeFile, content: bytes | None) -> AsyncIterator[bytes]:
        if content is not None:
            yield content
            return
        pieces = self._tree.read(file)
        while (piece := await asyncio.to_thread(next, pieces, b"")) != b"":
            yield piece

    def _fail(self, path: Parts, problem: Problem) -> None:
        self.outcome.failed.append(Failure(shown(path), problem.code, problem.message))
        if _is_fatal(problem) and self.outcome.stopped is None:
            self.outcome.stopped = problem
        self._on_change(self.outcome)


def _profile(fields: dict[str, Any]) -> dict[str, Any]:
    return {"warnings_for_required_and_disabled_fields": True, "doc_profile": fields}


#: The codes for a full disk or quota.
_NO_SPACE = ("disk_full", "NRC_DISK_FULL", "NRC_QUOTA_KEPT")


def _is_fatal(problem: Problem) -> bool:
    """Whether every following file would fail as well."""
    is_unreachable = isinstance(problem, Unreachable) and not isinstance(problem, Interrupted)
    return is_unreachable or isinstance(problem, NotSignedIn) or problem.code in _NO_SPACE


def _grouped(
    folder: str, files: Iterable[TreeFile], documents: dict[Key, list[Document]]
) -> Iterable[_Group]:
    groups: dict[Key, _Group] = {}
    for file in files:
        key = key_of(file.name)
        group = groups.setdefault(key, _Group(folder, key))
        group.files.append(file)
        group.documents = documents.get(key, [])
    return groups.values()
