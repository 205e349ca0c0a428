"""Rows of the library, built in memory and written in bulk: one document online, or a firm's at an import.

Numbers are assigned here, in order and never twice, so that all rows of a batch can refer to each other before any of
them is written::

    batch = Batch(context, connection)
    space = await batch.workspace(owner, "Halyard - Share Sale")
    number = await batch.document(space, owner, [Version(...)])
    await batch.write()
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules import names
from ..context import Context
from ..database.tables import (
    acl_users,
    acls,
    audit,
    audit_heads,
    blobs,
    containers,
    documents,
    emails,
    favorites,
    history,
    recent,
    sent_documents,
    versions,
)
from . import bulk, index
from .counts import COUNTED, add_counts
from .model import Actor, NewVersion, TargetContainer
from .numbers import RowNumbers
from .rights import PUBLIC, Level

# Foreign keys are checked immediately, so tables come after those they refer to.
_TABLES = (
    blobs,
    acls,
    acl_users,
    containers,
    documents,
    versions,
    emails,
    recent,
    favorites,
    history,
    sent_documents,
    audit_heads,
    audit,
)


class Batch:
    """Rows that :meth:`write` writes, within the caller's transaction."""

    def __init__(self, context: Context, connection: AsyncConnection, expected: int = 1) -> None:
        self._connection = connection
        self._context = context
        self._numbers = RowNumbers(context, connection, expected)
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._counts: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])

    async def acl(self, levels: dict[str, Level], everyone: Level | None = None) -> int:
        """Add a rule: what the people with these account ids may do, and what everyone may. Returns its number."""
        number = await self._numbers.next(acls, "id")
        self.rows["acls"].append({"id": number, "everyone": everyone.word if everyone else None})
        self.rows["acl_users"] += [
            {"user_id": user, "acl": number, "level": level.word} for user, level in levels.items()
        ]
        return number

    async def rule(self, security: str, owner: str, trustees: dict[str, Level], inherited: int) -> int:
        """The rule for an object with this security; ``inherited`` is that of its container. For ``private`` and
        ``view`` a new one is added, which gives the person with the id ``owner`` full access."""
        if security == "inherit":
            return inherited
        if security == "public":
            return PUBLIC
        everyone = Level.READ if security == "view" else None
        return await self.acl({**trustees, owner: Level.FULL_ACCESS}, everyone)

    async def workspace(
        self,
        owner: Actor,
        name: str,
        *,
        description: str | None = None,
        security: str = "public",
        trustees: dict[str, Level] | None = None,
        at: datetime | None = None,
    ) -> TargetContainer:
        """Add a workspace; ``inherit`` means public, since nothing is above it."""
        acl = await self.rule(security, owner.id, trustees or {}, PUBLIC)
        number = await self._numbers.next(containers, "number")
        row = self._container("workspace", number, owner, name, description, security, acl, at)
        self.rows["containers"].append(row | {"parent": None, "workspace": number, "view_type": "none"})
        self._counts[0, acl][0] += 1
        return TargetContainer(number, acl, number)

    async def folder(
        self,
        parent: TargetContainer,
        owner: Actor,
        name: str,
        *,
        description: str | None = None,
        security: str = "inherit",
        trustees: dict[str, Level] | None = None,
        at: datetime | None = None,
    ) -> TargetContainer:
        """Add a folder to a workspace or a folder."""
        acl = await self.rule(security, owner.id, trustees or {}, parent.acl)
        number = await self._numbers.next(containers, "number")
        row = self._container("folder", number, owner, name, description, security, acl, at)
        row |= {"parent": parent.number, "workspace": parent.workspace, "view_type": "document"}
        self.rows["containers"].append(row)
        self._counts[parent.number, acl][0] += 1
        return TargetContainer(number, acl, parent.workspace)

    def _container(
        self,
        kind: str,
        number: int,
        owner: Actor,
        name: str,
        description: str | None,
        security: str,
        acl: int,
        at: datetime | None,
    ) -> dict[str, Any]:
        at = at or self._context.clock()
        return {
            "number": number,
            "kind": kind,
            "name": name,
            "name_key": names.key(name),
            "owner_id": owner.id,
            "owner": owner.name,
            "description": description,
            "default_security": security,
            "acl": acl,
            "created_at": at,
            "edited_at": at,
        }

    async def document(
        self,
        parent: TargetContainer,
        owner: Actor,
        versions_: Sequence[NewVersion],
        *,
        security: str = "inherit",
        trustees: dict[str, Level] | None = None,
    ) -> int:
        """Add a document with its versions, oldest first, and return its number. Each version gets a history entry."""
        acl = await self.rule(security, owner.id, trustees or {}, parent.acl)
        number = await self._numbers.next(documents, "number")
        latest = versions_[-1]
        self.rows["documents"].append(
            {
                "number": number,
                "parent": parent.number,
                "latest": len(versions_),
                "last_version": len(versions_),
                "name_key": names.key(latest.name),
                "class": latest.document_class,
                "owner_id": owner.id,
                "edited_at": latest.edited_at,
                "default_security": security,
                "acl": acl,
            }
        )
        for version_number, version in enumerate(versions_, 1):
            self.rows["blobs"].append(version.blob_row)
            self.rows["versions"].append(version.row(number, version_number))
            if version.email is not None:
                self.rows["emails"].append(
                    {"number": number, "version": version_number, **asdict(version.email)}
                )
            activity = "NEWDOCUMENT" if version_number == 1 else "NEWDOCVER"
            self.history(number, version_number, version.operator, activity, version.created_at)
        self._counts[parent.number, acl][1] += 1
        return number

    async def sent(self, container: int, owner: Actor, version: NewVersion, *, kept: bool = False) -> int:
        """Add a document of Share with its one version to the folder ``container``, and return its number. Share
        decides who may see it, and records it in its audit. ``kept``: its bytes are already stored for another
        version."""
        number = await self._numbers.next(documents, "number")
        self.rows["documents"].append(
            {
                "number": number,
                "parent": container,
                "latest": 1,
                "last_version": 1,
                "name_key": names.key(version.name),
                "class": version.document_class,
                "owner_id": owner.id,
                "edited_at": version.edited_at,
                "default_security": "inherit",
                "acl": None,
            }
        )
        if not kept:
            self.rows["blobs"].append(version.blob_row)
        self.rows["versions"].append(version.row(number, 1))
        return number

    def check_out(
        self, number: int, version: int, by: Actor, at: datetime, comment: str | None = None
    ) -> None:
        """Check out a version of this batch."""
        for row in self.rows["versions"]:
            if (row["number"], row["version"]) == (number, version):
                row |= {"checked_out_id": by.id, "checked_out_by": by.name, "checked_out_at": at}
                row["checked_out_comment"] = comment
        self.history(number, version, by.name, "CHECKOUT", at, comments=comment)

    def used(self, user_id: str, number: int, version: int, at: datetime) -> None:
        """Add a version of this batch to a person's recent documents."""
        self.rows["recent"].append({"user_id": user_id, "number": number, "version": version, "at": at})

    def history(
        self,
        number: int,
        version: int,
        user: str,
        activity: str,
        at: datetime | None = None,
        *,
        comments: str | None = None,
        location: str | None = None,
        duration: int | None = None,
    ) -> None:
        """Add an entry to a version's history. ``duration`` is in seconds."""
        self.rows["history"].append(
            {
                "number": number,
                "version": version,
                "user": user,
                "activity": activity,
                "at": at or self._context.clock(),
                "application": "Work",
                "location": location,
                "comments": comments,
                "duration": duration,
            }
        )

    async def favorite(
        self,
        user_id: str,
        name: str,
        wstype: str,
        *,
        root: str = "my_favorites",
        target: int | None = None,
        target_version: int | None = None,
        category: int | None = None,
    ) -> int:
        """Add a shortcut, or (``wstype`` category) a category, to a person's list ``root``, and return its number."""
        # Shortcuts and containers have ids of the same form, so they share the numbers too.
        number = await self._numbers.next(containers, "number")
        self.rows["favorites"].append(
            {
                "number": number,
                "user_id": user_id,
                "name": name,
                "wstype": wstype,
                "root": root,
                "category": category,
                "target_number": target,
                "target_version": target_version,
                "created_at": self._context.clock(),
            }
        )
        return number

    async def write(self) -> None:
        """Write all rows, including those of the full text index, and clear the batch."""
        context, connection = self._context, self._connection
        shortcuts = max((row["number"] for row in self.rows["favorites"]), default=0)
        indexed = await self._indexed()
        if self.rows["blobs"]:
            await context.blobs.settle(connection, self.rows["blobs"])
        tables = [(table, rows) for table in _TABLES if (rows := self.rows.pop(table.name, []))]
        counts = [(*key, *numbers) for key, numbers in self._counts.items()]
        self._counts.clear()
        if context.database.sqlite:
            await bulk.insert_all(connection, tables, [(COUNTED, counts), index.rows_of(indexed)])
            if shortcuts:
                await self._numbers.reserve_container(shortcuts)
            return
        await bulk.insert_all(connection, tables)
        for parent, acl, container_count, document_count in counts:
            await add_counts(context, connection, parent, acl, container_count, document_count)

    async def _indexed(self) -> list[dict[str, Any]]:
        """Add the documents' words to PostgreSQL's rows; for SQLite, return the rows of its index."""
        versions_ = {(row["number"], row["version"]): row for row in self.rows["versions"]}
        new = [(row, versions_[row["number"], row["latest"]]) for row in self.rows["documents"]]
        if not new:
            return []
        if self._context.database.sqlite:
            return await index.prepare(self._connection, new)
        await index.add_words(self._connection, new)
        return []
