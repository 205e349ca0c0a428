"""A folder tree of this machine, brought into Work's library: once, and again when it has changed.

The tree becomes a workspace, its folders folders, its files documents. At another time a file whose content is
another becomes a new version of its document; one that is the same is left alone, and so is a document whose file is
gone. What a document is called is as Work takes it: ``Offer.docx`` is *Offer* with the extension ``docx``.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..clients.library import Content, LibraryClient
from ..clients.tree import Parts, Tree, TreeFile, shown
from ..rules import names
from ..rules.errors import Failed, Interrupted, InvalidValue, NotAllowed, NotSignedIn, Problem, Unreachable
from ..rules.text import printable
from ..wire.work import Container, Document

_AT_ONCE = 8
# So many groups of files wait for who sends them: the tree is read no faster than it is sent.
_WAITING = 32
_WRITING = ("read_write", "full_access")


@dataclass(frozen=True, slots=True)
class Failure:
    """What did not come into the library, by its path in the tree."""

    path: str
    code: str
    message: str


@dataclass(slots=True)
class Outcome:
    """What an import has done so far. ``stopped`` is what ended it before its end."""

    workspace: Container | None = None
    added: int = 0
    versions: int = 0
    unchanged: int = 0
    failed: list[Failure] = field(default_factory=list)
    stopped: Problem | None = None

    @property
    def done(self) -> int:
        return self.added + self.versions + self.unchanged + len(self.failed)


#: What a document and a file have in common: name and extension, as Work keeps them.
Key = tuple[str, str]


@dataclass(slots=True)
class _Group:
    """The files of a folder that have one name in Work, and the documents there that have it."""

    folder: str
    key: Key
    files: list[TreeFile] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)


def key_of(name: str) -> Key:
    """What Work calls a file: the name without its extension, and the extension in lower case."""
    stem, dotted = names.split(name)
    return stem.strip(), dotted.removeprefix(".").lower()


class Import:
    """One run. ``on_change`` is called with :attr:`outcome` whenever that has changed."""

    def __init__(
        self,
        work: LibraryClient,
        tree: Tree,
        workspace: str,
        security: str | None = None,
        on_change: Callable[[Outcome], None] = lambda outcome: None,
    ) -> None:
        self.outcome = Outcome()
        self._work = work
        self._tree = tree
        self._name = workspace.strip()
        self._security = security
        self._on_change = on_change
        self._me = ""

    async def run(self) -> Outcome:
        """Raises the :class:`Problem` of what keeps all of it from being imported; what is wrong with single files
        is in the outcome."""
        space, fresh = await self._workspace()
        self.outcome.workspace = space
        self._me = (await self._work.discover()).user_id
        groups: asyncio.Queue[_Group | None] = asyncio.Queue(_WAITING)
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
        """The workspace of that name, and whether it is new. Of several, the caller's oldest, else the oldest."""
        if not self._name:
            raise InvalidValue("workspace.empty", "The name of the workspace is empty.", "workspace")
        there = await self._work.workspaces_named(self._name)
        if not there:
            return await self._work.new_workspace(self._name, self._security or "public"), True
        me = (await self._work.discover()).user_id.lower()
        space = next((one for one in there if (one.owner or "").lower() == me), there[0])
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
            here, container, fresh = folders.pop()
            try:
                found = await asyncio.to_thread(self._tree.listing, here)
                inner, documents = ({}, {}) if fresh else await self._there(container)
            except Problem as problem:
                self._fail(here, problem)
                continue
            for path, reason in found.refused:
                self._fail(path, reason)
            for group in _grouped(container.id, found.files, documents):
                await groups.put(group)
            for name in reversed(found.folders):
                path = (*here, name)
                try:
                    kept = inner.get(name.strip())
                    made = kept or await self._work.new_folder(container, name)
                except Problem as problem:
                    self._fail(path, problem)
                else:
                    inner[name.strip()] = made
                    folders.append((path, made, kept is None))

    async def _there(self, container: Container) -> tuple[dict[str, Container], dict[Key, list[Document]]]:
        """What a container holds: folders by name, and the latest versions by what they are called."""
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
            # Where nothing more can come of it, the rest is taken off the queue, so that its reader ends.
            if self.outcome.stopped is None:
                await self._send_group(group)

    async def _send_group(self, group: _Group) -> None:
        digests: list[tuple[TreeFile, str, bytes | None]] = []
        for file in group.files:
            try:
                if not group.key[0]:
                    raise Failed("name.blank", "Its name is only spaces; rename it.")
                digest, content = await asyncio.to_thread(self._tree.digest, file)
                # Of several, the bytes are read again when they are sent.
                digests.append((file, digest, content if len(group.files) == 1 else None))
            except Problem as problem:
                self._fail(file.path, problem)
        left = sorted(group.documents, key=lambda document: document.document_number or 0)
        changed = []
        for file, digest, content in digests:
            try:
                same = await self._same(left, file, digest)
            except Problem as problem:
                self._fail(file.path, problem)
                continue
            if same is None:
                changed.append((file, digest, content))
            else:
                left.remove(same)
                self.outcome.unchanged += 1
                self._on_change(self.outcome)
        for file, digest, content in changed:
            await self._send(group, left.pop(0) if left else None, file, digest, content)

    async def _same(self, documents: Iterable[Document], file: TreeFile, digest: str) -> Document | None:
        """The one of ``documents`` whose content is the file's."""
        for document in documents:
            known = document.sha256
            if known is None and document.size in (None, file.size):
                # A server that tells no digest is asked for the bytes.
                made = hashlib.sha256()
                async for piece in self._work.download(document.id):
                    made.update(piece)
                known = made.hexdigest()
            if known == digest:
                return document
        return None

    async def _send(
        self, group: _Group, document: Document | None, file: TreeFile, digest: str, content: bytes | None
    ) -> None:
        stem, extension = group.key
        said: dict[str, Any] = {
            "name": stem,
            "extension": extension,
            "size": file.size,
            "checksum": f"SHA256:{digest.upper()}",
            "file_edit_date": file.modified.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        body = Content(file.size, lambda: self._pieces(file, content))
        try:
            if document is None:
                said |= {
                    "class": "DOC",
                    "author": self._me,
                    "operator": self._me,
                    "default_security": "inherit",
                }
                await self._work.upload(group.folder, _profile(said), body)
                self.outcome.added += 1
            else:
                await self._work.new_version(document.id, _profile(said), body)
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
        if _hopeless(problem) and self.outcome.stopped is None:
            self.outcome.stopped = problem
        self._on_change(self.outcome)


def _profile(said: dict[str, Any]) -> dict[str, Any]:
    return {"warnings_for_required_and_disabled_fields": True, "doc_profile": said}


#: There is no room for anything.
_FULL = ("disk_full", "NRC_DISK_FULL", "NRC_QUOTA_KEPT")


def _hopeless(problem: Problem) -> bool:
    """Whether what comes next would fail as well."""
    away = isinstance(problem, Unreachable) and not isinstance(problem, Interrupted)
    return away or isinstance(problem, NotSignedIn) or problem.code in _FULL


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
