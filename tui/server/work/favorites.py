"""My Favorites: each person's shortcuts and the categories they stand in.

Reading them is confirmed by public clients; the calls that change them are guessed from the read ones.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules import names
from ..database.tables import containers, documents, favorites
from . import profile, rights
from .batch import Batch
from .call import SCOPE, Asks, Call, answer, listing
from .errors import invalid_profile, no_record
from .ids import LIBRARY, container_id, container_of, document_id, document_of
from .library import Act, people
from .pages import Found
from .parameters import cursor_of
from .shapes import Json, moment

router = APIRouter()

_MOST = 2000
_CATEGORY = "category"
_TARGETS = ("target_id", "id", "folder_id", "workspace_id", "document_id")


@router.get(SCOPE + "/my-favorites/children")
async def read(call: Asks) -> Response:
    """The caller's shortcuts and categories by name, those within categories aside."""
    async with call.reading() as connection:
        return await _listed(call, connection, None)


@router.get(SCOPE + "/my-favorites/categories/{category}/children")
async def read_category(call: Asks, category: str) -> Response:
    """What is in one of the caller's categories."""
    async with call.reading() as connection:
        row = await _own(call, connection, category)
        if row.wstype != _CATEGORY:
            raise no_record()
        return await _listed(call, connection, row.number)


@router.post(SCOPE + "/my-favorites/children")
async def add(call: Asks) -> Response:
    """Adds a shortcut to ``target_id``, in the category ``parent_id`` where it is given.

    Where that category has one to the same target, that one is answered (200), with its own name.
    """
    body = await call.body()
    given = next((text for key in _TARGETS if (text := profile.text(body, key))), None)
    if given is None:
        raise invalid_profile("target_id", "target_id says what the shortcut leads to, and is missing.")
    async with call.acting() as act:
        target = await _target(act, given)
        category = await _category(call, act.connection, body)
        same = await _same(act, target, category)
        status = 200 if same is not None else 201
        number = same
        if number is None:
            await _bounded(act)
            batch = Batch(call.context, act.connection)
            name = profile.text(body, "name") or target[3]
            wstype, target_number, version, _ = target
            number = await batch.favorite(
                call.person.id,
                name,
                wstype,
                target=target_number,
                target_version=version,
                category=category,
            )
            await batch.write()
        return await _answered(call, act.connection, number, status)


@router.post(SCOPE + "/my-favorites/categories")
async def add_category(call: Asks) -> Response:
    """Makes a category called ``name``."""
    body = await call.body()
    name = profile.name(body)
    async with call.acting() as act:
        await _bounded(act)
        batch = Batch(call.context, act.connection)
        category = await _category(call, act.connection, body)
        number = await batch.favorite(call.person.id, name, _CATEGORY, category=category)
        await batch.write()
        return await _answered(call, act.connection, number, 201)


@router.patch(SCOPE + "/my-favorites/children/{favorite}")
async def change(call: Asks, favorite: str) -> Response:
    """Renames a shortcut or category (``name``), and makes a shortcut lead elsewhere (``target_id``)."""
    body = await call.body()
    values: dict[str, Any] = {}
    if "name" in body:
        values["name"] = profile.name(body)
    given = profile.text(body, "target_id")
    async with call.acting() as act:
        row = await _own(call, act.connection, favorite)
        if given is not None:
            if row.wstype == _CATEGORY:
                raise invalid_profile("target_id", "A category leads nowhere.")
            wstype, number, version, _ = await _target(act, given)
            values |= {"wstype": wstype, "target_number": number, "target_version": version}
        if values:
            await act.connection.execute(
                update(favorites).where(favorites.c.number == row.number).values(**values)
            )
        return await _answered(call, act.connection, row.number, 200)


@router.delete(SCOPE + "/my-favorites/children/{favorite}")
async def remove(call: Asks, favorite: str) -> Response:
    """Removes a shortcut, or a category with all that is in it; what shortcuts lead to stays."""
    async with call.acting() as act:
        row = await _own(call, act.connection, favorite)
        doomed = select(favorites.c.number).where(favorites.c.number == row.number)
        tree = doomed.cte("tree", recursive=True)
        inner = select(favorites.c.number).join(tree, favorites.c.category == tree.c.number)
        numbers = (await act.connection.execute(select(tree.union(inner).c.number))).scalars().all()
        # Those within are newer than what they are in: the newest goes first.
        for number in sorted(numbers, reverse=True):
            await act.connection.execute(delete(favorites).where(favorites.c.number == number))
    return Response(status_code=204)


# ---------------------------------------------------------------- parts


async def _own(call: Call, connection: AsyncConnection, text: str) -> Row[Any]:
    query = select(favorites).where(
        favorites.c.number == container_of(text), favorites.c.user_id == call.person.id
    )
    row = (await connection.execute(query)).first()
    if row is None:
        raise no_record()
    return row


async def _category(call: Call, connection: AsyncConnection, body: Json) -> int | None:
    text = profile.text(body, "parent_id") or profile.text(body, "category_id")
    if text is None:
        return None
    row = await _own(call, connection, text)
    if row.wstype != _CATEGORY:
        raise invalid_profile("parent_id", "parent_id is no category.")
    return int(row.number)


async def _target(act: Act, text: str) -> tuple[str, int, int | None, str]:
    """Kind of shortcut, number, version and name of what ``text`` is the id of. Raises :class:`NotFound`."""
    if "." in text:
        number, version = document_of(text)
        row = await rights.document(act.connection, act.person, number, version)
        return "document_shortcut", row.number, row.version, row.name
    row = await rights.container(act.connection, act.person, container_of(text))
    return f"{row.kind}_shortcut", row.number, None, row.name


async def _same(act: Act, target: tuple[str, int, int | None, str], category: int | None) -> int | None:
    wstype, number, version, _ = target
    query = select(favorites.c.number).where(
        favorites.c.user_id == act.person.id,
        favorites.c.wstype == wstype,
        favorites.c.target_number == number,
        favorites.c.target_version.is_(None) if version is None else favorites.c.target_version == version,
        favorites.c.category.is_(None) if category is None else favorites.c.category == category,
    )
    return (await act.connection.execute(query.limit(1))).scalar()


async def _bounded(act: Act) -> None:
    query = select(func.count()).select_from(favorites).where(favorites.c.user_id == act.person.id)
    if (await act.connection.execute(query)).scalar_one() >= _MOST:
        raise invalid_profile("name", f"My Favorites holds {_MOST:,} entries; remove some first.")


async def _answered(call: Call, connection: AsyncConnection, number: int, status: int) -> Response:
    row = (await connection.execute(select(favorites).where(favorites.c.number == number))).one()
    return answer((await _shown(call, connection, [row]))[0], status)


async def _listed(call: Call, connection: AsyncConnection, category: int | None) -> Response:
    place = favorites.c.category.is_(None) if category is None else favorites.c.category == category
    query = select(favorites).where(favorites.c.user_id == call.person.id, place)
    rows = sorted(await connection.execute(query), key=lambda row: (names.key(row.name), row.number))
    paging = call.asked.paging
    start = paging.after("favorites", (int,))[0] if paging.position else paging.offset
    end = max(start, 0) + paging.limit
    cursor = cursor_of(("favorites", end)) if paging.by_cursor and end < len(rows) else None
    found = Found(rows[max(start, 0) : end], cursor, len(rows) if paging.total else None)
    return listing(await _shown(call, connection, found.rows), found)


async def _shown(call: Call, connection: AsyncConnection, rows: list[Row[Any]]) -> list[Json]:
    places = {row.target_number for row in rows if row.target_number and row.target_version is None}
    papers = {row.target_number for row in rows if row.target_number and row.target_version is not None}
    seen: dict[tuple[str, int], Row[Any]] = {}
    if places:
        query = rights.containers_query(call.person).where(containers.c.number.in_(places))
        seen |= {("container", row.number): row for row in await connection.execute(query)}
    if papers:
        query = rights.documents_query(call.person, latest=True).where(documents.c.number.in_(papers))
        seen |= {("document", row.number): row for row in await connection.execute(query)}
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
            entry["category_type"] = "my_favorites"
        else:
            kind = "container" if row.target_version is None else "document"
            entry["target"] = _target_shown(row, seen.get((kind, row.target_number)))
        shown.append(entry)
    return shown


def _target_shown(row: Row[Any], target: Row[Any] | None) -> Json:
    """What a shortcut leads to; where it is gone, or no longer to be seen, only what the shortcut knows of it."""
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
