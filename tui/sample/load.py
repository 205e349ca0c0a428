"""Puts the sample matters into a fresh library, in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..rules.state import Event
from ..server.context import Context
from ..server.database.tables import users
from ..server.keys import new_id
from ..server.library.batch import Batch
from ..server.library.model import Placed, Version, Who
from ..server.library.types import type_of
from ..server.people import note_person
from . import Document, Folder, Matters, Path, Person, Workspace, matters

#: Whose Document Worklist and favorites the sample has.
_OWNER = "DJONES"
# How long ago the first entry of the worklist was used, and how much longer each next one.
_FIRST_USE = timedelta(minutes=50)
_BETWEEN_USES = timedelta(hours=7, minutes=13)
_OLDEST = timedelta(days=90)


async def load(context: Context) -> None:
    """Loads people, workspaces, folders, documents with versions, check-outs, worklist and favorites."""
    sample = matters()
    # Files first: a transaction that waits for the disk keeps others waiting.
    contents = [version.read() for _, document in sample.documents() for version in document.versions]
    keys = [context.blobs.new_key() for _ in contents]
    await context.blobs.put(dict(zip(keys, contents, strict=True)))
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
    context: Context, connection: AsyncConnection, people: tuple[Person, ...]
) -> dict[str, Who]:
    """Accounts without a password for all; those that are there get name and address."""
    there = {row.name: row.id for row in await connection.execute(select(users.c.name, users.c.id))}
    now = context.clock()
    for person in people:
        if person.id in there:
            await connection.execute(
                update(users)
                .where(users.c.id == there[person.id])
                .values(full_name=person.name, email=person.email)
            )
    fresh = [
        {
            "id": new_id(),
            "name": person.id,
            "full_name": person.name,
            "email": person.email,
            "admin": False,
            "created_at": now,
        }
        for person in people
        if person.id not in there
    ]
    if fresh:
        await connection.execute(insert(users), fresh)
    for row in fresh:
        details = {"person": row["name"], "admin": False}
        await note_person(context, connection, str(row["id"]), Event.PERSON_ADDED, None, details)
    there |= {str(row["name"]): str(row["id"]) for row in fresh}
    return {person.id: Who(there[person.id], person.id) for person in people}


class _Loader:
    """Adds the sample to ``batch``; ``blobs`` are keys and contents in the order of the documents' versions."""

    def __init__(
        self, batch: Batch, people: dict[str, Who], now: datetime, blobs: Iterator[tuple[str, bytes]]
    ) -> None:
        self.batch = batch
        self._people = people
        self._now = now
        self._blobs = blobs
        self._places: dict[Path, Placed] = {}
        self._documents: dict[Path, tuple[int, Document]] = {}

    async def workspace(self, workspace: Workspace) -> None:
        placed = await self.batch.workspace(
            self._people[workspace.owner],
            workspace.name,
            description=workspace.description,
            at=self._oldest(workspace),
        )
        await self._fill((workspace.name,), placed, workspace, workspace.owner)

    async def _fill(self, path: Path, placed: Placed, place: Workspace | Folder, owner: str) -> None:
        # In the order of Matters.documents(), in which the blobs come.
        self._places[path] = placed
        for document in place.documents:
            await self._document(path, placed, document)
        for folder in place.folders:
            inner = await self.batch.folder(placed, self._people[owner], folder.name, at=self._oldest(folder))
            await self._fill((*path, folder.name), inner, folder, owner)

    async def _document(self, path: Path, placed: Placed, document: Document) -> None:
        rows = []
        for version in document.versions:
            key, content = next(self._blobs)
            at = self._ago(version.days_ago)
            rows.append(
                Version(
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
        """The worklist and the favorites; all that they name is there."""
        owner = self._people[_OWNER]
        for place, path in enumerate(sample.recent):
            number, document = self._documents[path]
            at = self._now - _FIRST_USE - place * _BETWEEN_USES
            version = _used_version(document)
            self.batch.used(owner.id, number, version, at)
            self.batch.history(number, version, owner.name, "VIEW", at)
        for favorite in sample.favorites:
            kind = "workspace_shortcut" if len(favorite.path) == 1 else "folder_shortcut"
            target = self._places[favorite.path].number
            await self.batch.favorite(owner.id, favorite.name, kind, target=target)

    def _ago(self, days: float) -> datetime:
        return self._now - timedelta(days=days)

    def _oldest(self, place: Workspace | Folder) -> datetime:
        """When a container was made: before the first of what is in it."""
        days = [version.days_ago for document in place.documents for version in document.versions[:1]]
        inner = [self._oldest(folder) for folder in place.folders]
        found = min([*map(self._ago, days), *inner], default=self._now - _OLDEST)
        return found - timedelta(hours=1)


def _used_version(document: Document) -> int:
    """The version that the worklist's owner used: often one goes back to what somebody else saved last, so that
    the worklist also has versions that are not the latest."""
    others = [version.number for version in document.versions if version.operator != _OWNER]
    return others[-1] if others and document.checked_out is None else document.latest.number
