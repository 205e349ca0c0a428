"""A person's shortcuts, and the categories that hold them: My Favorites and My Matters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi.responses import Response
from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules import names
from ..database.tables import containers, documents, favorites
from ..library import rights
from ..library.actions import ActingPerson, people
from ..library.batch import Batch
from ..library.ids import (
    LIBRARY,
    container_id,
    container_of,
    document_id,
    document_of,
)
from ..library.problems import invalid_profile, no_record
from . import profile
from .call import Call, answer, listing
from .pages import FoundRows
from .parameters import cursor_of
from .serializers import Json, moment

_MAX_ENTRIES = 2000
_CATEGORY = "category"
_TARGETS = ("target_id", "id", "folder_id", "workspace_id", "document_id")


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """One of a person's lists. ``root`` is the protocol's name for it, ``kinds`` is what its shortcuts can lead to."""

    root: str
    title: str
    kinds: tuple[str, ...]

    # ------------------------------------------------------------ reading

    async def listed(self, call: Call, category: str | None = None) -> Response:
        """The contents of the list, or of one of its categories, by name. Raises :class:`NotFound`."""
        async with call.reading() as connection:
            number = None
            if category is not None:
                row = await self._own_entry(call, connection, category)
                if row.wstype != _CATEGORY:
                    raise no_record()
                number = row.number
            return await self._page(call, connection, number)

    async def _page(self, call: Call, connection: AsyncConnection, category: int | None) -> Response:
        in_category = favorites.c.category.is_(None) if category is None else favorites.c.category == category
        query = select(favorites).where(self._mine(call), in_category)
        rows = sorted(await connection.execute(query), key=lambda row: (names.key(row.name), row.number))
        paging = call.parameters.paging
        start = paging.after(self.root, (int,))[0] if paging.position else paging.offset
        end = max(start, 0) + paging.limit
        cursor = cursor_of((self.root, end)) if paging.by_cursor and end < len(rows) else None
        found = FoundRows(rows[max(start, 0) : end], cursor, len(rows) if paging.total else None)
        return await listing(await self._shown(call, connection, found.rows), found)

    # ------------------------------------------------------------ changing

    async def add(self, call: Call) -> Response:
        """Add a shortcut to ``target_id``, in the category ``parent_id`` if given.

        If that category already has one to the same target, it is returned (200) under its own name.
        """
        body = await call.body()
        target_id = next((text for key in _TARGETS if (text := profile.text(body, key))), None)
        if target_id is None:
            raise invalid_profile("target_id", "target_id, the shortcut's target, is missing.")
        async with call.acting() as act:
            wstype, target, version, title = await self._target(act, target_id)
            category = await self._category(call, act.connection, body)
            existing = await self._find_existing(call, act.connection, wstype, target, version, category)
            number = existing
            if number is None:
                await self._check_room(call, act.connection)
                batch = Batch(call.context, act.connection)
                number = await batch.favorite(
                    call.person.id,
                    profile.text(body, "name") or title,
                    wstype,
                    root=self.root,
                    target=target,
                    target_version=version,
                    category=category,
                )
                await batch.write()
            return await self._entry_response(call, act.connection, number, 201 if existing is None else 200)

    async def add_category(self, call: Call) -> Response:
        """Create a category called ``name``."""
        body = await call.body()
        name = profile.name(body)
        async with call.acting() as act:
            await self._check_room(call, act.connection)
            batch = Batch(call.context, act.connection)
            category = await self._category(call, act.connection, body)
            number = await batch.favorite(call.person.id, name, _CATEGORY, root=self.root, category=category)
            await batch.write()
            return await self._entry_response(call, act.connection, number, 201)

    async def change(self, call: Call, shortcut: str) -> Response:
        """Rename a shortcut or category (``name``), or change a shortcut's target (``target_id``)."""
        body = await call.body()
        values: dict[str, Any] = {}
        if "name" in body:
            values["name"] = profile.name(body)
        target_id = profile.text(body, "target_id")
        async with call.acting() as act:
            row = await self._own_entry(call, act.connection, shortcut)
            if target_id is not None:
                if row.wstype == _CATEGORY:
                    raise invalid_profile("target_id", "A category can't have a target.")
                wstype, number, version, _ = await self._target(act, target_id)
                values |= {"wstype": wstype, "target_number": number, "target_version": version}
            if values:
                this_shortcut = favorites.c.number == row.number
                await act.connection.execute(update(favorites).where(this_shortcut).values(**values))
            return await self._entry_response(call, act.connection, row.number, 200)

    async def remove(self, call: Call, shortcut: str) -> Response:
        """Remove a shortcut, or a category with everything in it; the targets of shortcuts stay."""
        async with call.acting() as act:
            row = await self._own_entry(call, act.connection, shortcut)
            start = select(favorites.c.number).where(favorites.c.number == row.number)
            tree = start.cte("tree", recursive=True)
            entries = select(favorites.c.number).join(tree, favorites.c.category == tree.c.number)
            numbers = (await act.connection.execute(select(tree.union(entries).c.number))).scalars().all()
            # Entries are newer than the category that holds them: the newest are deleted first.
            for number in sorted(numbers, reverse=True):
                await act.connection.execute(delete(favorites).where(favorites.c.number == number))
        return Response(status_code=204)

    # ------------------------------------------------------------ parts

    def _mine(self, call: Call) -> Any:
        return (favorites.c.user_id == call.person.id) & (favorites.c.root == self.root)

    async def _own_entry(self, call: Call, connection: AsyncConnection, text: str) -> Row[Any]:
        query = select(favorites).where(favorites.c.number == container_of(text), self._mine(call))
        row = (await connection.execute(query)).first()
        if row is None:
            raise no_record()
        return row

    async def _category(self, call: Call, connection: AsyncConnection, body: Json) -> int | None:
        text = profile.text(body, "parent_id") or profile.text(body, "category_id")
        if text is None:
            return None
        row = await self._own_entry(call, connection, text)
        if row.wstype != _CATEGORY:
            raise invalid_profile("parent_id", "parent_id isn't a category.")
        return int(row.number)

    async def _target(self, act: ActingPerson, text: str) -> tuple[str, int, int | None, str]:
        """Kind of shortcut, number, version and name of the target with the id ``text``.

        Raises :class:`NotFound`, and :class:`BadRequest` if this list takes no shortcuts to such a target.
        """
        version: int | None = None
        if "." in text:
            row = await rights.document(act.connection, act.person, *document_of(text))
            kind, version = "document", row.version
        else:
            row = await rights.container(act.connection, act.person, container_of(text))
            kind = row.kind
        if kind not in self.kinds:
            raise invalid_profile("target_id", f"{self.title} can't hold a shortcut to a {kind}.")
        return f"{kind}_shortcut", row.number, version, row.name

    async def _find_existing(
        self,
        call: Call,
        connection: AsyncConnection,
        wstype: str,
        number: int,
        version: int | None,
        category: int | None,
    ) -> int | None:
        query = select(favorites.c.number).where(
            self._mine(call),
            favorites.c.wstype == wstype,
            favorites.c.target_number == number,
            favorites.c.target_version.is_(None)
            if version is None
            else favorites.c.target_version == version,
            favorites.c.category.is_(None) if category is None else favorites.c.category == category,
        )
        return (await connection.execute(query.limit(1))).scalar()

    async def _check_room(self, call: Call, connection: AsyncConnection) -> None:
        query = select(func.count()).select_from(favorites).where(self._mine(call))
        if (await connection.execute(query)).scalar_one() >= _MAX_ENTRIES:
            raise invalid_profile(
                "name", f"{self.title} already has {_MAX_ENTRIES:,} entries. Remove some first."
            )

    async def _entry_response(
        self, call: Call, connection: AsyncConnection, number: int, status: int
    ) -> Response:
        row = (await connection.execute(select(favorites).where(favorites.c.number == number))).one()
        return answer((await self._shown(call, connection, [row]))[0], status)

    async def _shown(self, call: Call, connection: AsyncConnection, rows: list[Row[Any]]) -> list[Json]:
        targets = await _targets(call, connection, rows)
        full_names = await people(connection)
        shown = []
        for row in rows:
            entry = {
                "id": container_id(row.number),
                "database": LIBRARY,
                "wstype": row.wstype,
                "name": row.name,
                "owner": call.person.name,
                "owner_description": full_names.get(call.person.name, call.person.name),
                "edit_date": moment(row.created_at),
                "default_security": "private",
            }
            if row.category is not None:
                entry["parent_id"] = container_id(row.category)
            if row.wstype == _CATEGORY:
                entry["category_type"] = self.root
            else:
                kind = "container" if row.target_version is None else "document"
                entry["target"] = _target_shown(row, targets.get((kind, row.target_number)))
            shown.append(entry)
        return shown


async def _targets(
    call: Call, connection: AsyncConnection, rows: list[Row[Any]]
) -> dict[tuple[str, int], Row[Any]]:
    """The targets of the shortcuts, as far as the person may see them."""
    container_numbers = {
        row.target_number for row in rows if row.target_number and row.target_version is None
    }
    document_numbers = {
        row.target_number for row in rows if row.target_number and row.target_version is not None
    }
    targets: dict[tuple[str, int], Row[Any]] = {}
    if container_numbers:
        query = rights.containers_query(call.person).where(containers.c.number.in_(container_numbers))
        targets |= {("container", row.number): row for row in await connection.execute(query)}
    if document_numbers:
        query = rights.documents_query(call.person, latest=True).where(
            documents.c.number.in_(document_numbers)
        )
        targets |= {("document", row.number): row for row in await connection.execute(query)}
    return targets


def _target_shown(row: Row[Any], target: Row[Any] | None) -> Json:
    """A shortcut's target; if it no longer exists or can't be seen, only what the shortcut knows about it."""
    wstype = row.wstype.removesuffix("_shortcut")
    shown = {"wstype": wstype, "database": LIBRARY, "name": target.name if target is not None else row.name}
    if row.target_version is not None:
        shown["id"] = document_id(row.target_number, row.target_version)
        if target is not None:
            shown["extension"] = target.extension
        return shown
    shown |= {"id": container_id(row.target_number), "subtype": "work"}
    if target is not None and wstype == "folder":
        shown |= {"folder_type": "regular", "view_type": target.view_type}
    if target is not None and target.share_id:
        shown["imanage_share_eid"] = target.share_id
    return shown
