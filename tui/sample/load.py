"""Loading the sample matters into an empty library, in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..rules.state import Event
from ..server.accounts.users import note_person
from ..server.base.keys import new_id
from ..server.context import Context
from ..server.database.tables import users
from ..server.library.batch import Batch
from ..server.library.model import Actor, NewVersion, TargetContainer
from ..server.library.types import type_of
from . import Matters, Path, SampleDocument, SampleFolder, SamplePerson, Workspace, matters

#: The owner of the sample's Document Worklist and favorites.
_OWNER = "DJONES"
# How long ago the first entry of the worklist was used, and the time between each and the next.
_FIRST_USE = timedelta(minutes=50)
_BETWEEN_USES = timedelta(hours=7, minutes=13)
_OLDEST = timedelta(days=90)


async def load(context: Context) -> None:
    """Load users, workspaces, folders, documents with versions, check-outs, worklist and favorites."""
    sample = matters()
    # Files first: a transaction that waits for the disk blocks others.
    contents = [version.read() for _, document in sample.documents() for version in document.versions]
    keys = [context.blobs.new_key() for _ in contents]
    await context.blobs.put({key: [content] for key, content in zip(keys, contents, strict=True)})
    async with context.database.write() as connection:
        people = await _people(context, connection, sample.people)
        loader = _Loader(
            Batch(context, connection, len(keys)), people, context.clock(), zip(keys, contents, strict=True)
        )
        for workspace in sample.workspaces:
            await loader.workspace(workspace)
        await loader.lists(sample)
        await loader.batch.write()


async def _people(
    context: Context, connection: AsyncConnection, people: tuple[SamplePerson, ...]
) -> dict[str, Actor]:
    """Create accounts without a password; existing ones get the full name and e-mail address."""
    ids = {row.name: row.id for row in await connection.execute(select(users.c.name, users.c.id))}
    now = context.clock()
    for person in people:
        if person.id in ids:
            await connection.execute(
                update(users)
                .where(users.c.id == ids[person.id])
                .values(full_name=person.name, email=person.email)
            )
    missing = [
        {
            "id": new_id(),
            "name": person.id,
            "full_name": person.name,
            "email": person.email,
            "admin": False,
            "created_at": now,
        }
        for person in people
        if person.id not in ids
    ]
    if missing:
        await connection.execute(insert(users), missing)
    for row in missing:
        details = {"person": row["name"], "admin": False}
        await note_person(context, connection, str(row["id"]), Event.PERSON_ADDED, None, details)
    ids |= {str(row["name"]): str(row["id"]) for row in missing}
    return {person.id: Actor(ids[person.id], person.id) for person in people}


class _Loader:
    """Adds the sample to ``batch``. ``blobs`` are keys and contents in the order of the documents' versions."""

    def __init__(
        self, batch: Batch, people: dict[str, Actor], now: datetime, blobs: Iterator[tuple[str, bytes]]
    ) -> None:
        self.batch = batch
        self._people = people
        self._now = now
        self._blobs = blobs
        self._places: dict[Path, TargetContainer] = {}
        self._documents: dict[Path, tuple[int, SampleDocument]] = {}

    async def workspace(self, workspace: Workspace) -> None:
        placed = await self.batch.workspace(
            self._people[workspace.owner],
            workspace.name,
            description=workspace.description,
            at=self._oldest(workspace),
        )
        await self._fill((workspace.name,), placed, workspace, workspace.owner)

    async def _fill(
        self, path: Path, placed: TargetContainer, place: Workspace | SampleFolder, owner: str
    ) -> None:
        # In the order of Matters.documents(), which is that of the blobs.
        self._places[path] = placed
        for document in place.documents:
            await self._document(path, placed, document)
        for folder in place.folders:
            inner = await self.batch.folder(placed, self._people[owner], folder.name, at=self._oldest(folder))
            await self._fill((*path, folder.name), inner, folder, owner)

    async def _document(self, path: Path, placed: TargetContainer, document: SampleDocument) -> None:
        rows = []
        for version in document.versions:
            key, content = next(self._blobs)
            at = self._ago(version.days_ago)
            rows.append(
                NewVersion(
                    name=document.name,
                    extension=document.extension,
                    type=type_of(document.extension),
                    document_class=document.document_class,
                    author=document.author,
                    operator=version.operator,
                    size=len(content),
                    sha256=hashlib.sha256(content).hexdigest(),
                    blob=key,
                    created_at=at,
                    edited_at=at,
                    comment=version.comment or None,
                )
            )
        owner = self._people[document.versions[0].operator]
        number = await self.batch.document(placed, owner, rows)
        self._documents[(*path, document.file_name)] = number, document
        if (out := document.checked_out) is not None:
            self.batch.check_out(
                number, out.version, self._people[out.by], self._ago(out.days_ago), out.comment or None
            )

    async def lists(self, sample: Matters) -> None:
        """Add the worklist and the favorites. Everything that they refer to must have been added."""
        owner = self._people[_OWNER]
        for index, path in enumerate(sample.recent):
            number, document = self._documents[path]
            at = self._now - _FIRST_USE - index * _BETWEEN_USES
            version = _used_version(document)
            self.batch.used(owner.id, number, version, at)
            self.batch.history(number, version, owner.name, "VIEW", at)
        for favorite in sample.favorites:
            kind = "workspace_shortcut" if len(favorite.path) == 1 else "folder_shortcut"
            target = self._places[favorite.path].number
            await self.batch.favorite(owner.id, favorite.name, kind, target=target)

    def _ago(self, days: float) -> datetime:
        return self._now - timedelta(days=days)

    def _oldest(self, place: Workspace | SampleFolder) -> datetime:
        """The creation time of a container: before that of everything inside it."""
        days = [version.days_ago for document in place.documents for version in document.versions[:1]]
        inner = [self._oldest(folder) for folder in place.folders]
        found = min([*map(self._ago, days), *inner], default=self._now - _OLDEST)
        return found - timedelta(hours=1)


def _used_version(document: SampleDocument) -> int:
    """The version that the worklist's owner used: the last one saved by another user, if any, so that the worklist
    includes versions that aren't the latest."""
    others = [version.number for version in document.versions if version.operator != _OWNER]
    return others[-1] if others and document.checked_out is None else document.latest.number
