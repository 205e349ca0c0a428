"""What a library has to choose from: types, classes, people; what one may do in it, and whether it is there."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import ColumnElement, Row, Select, func, literal_column, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from ..database.tables import documents, users
from ..library import rights
from ..library.ids import LIBRARY
from ..library.name_match import Words
from ..library.problems import no_record
from ..library.types import CLASSES, class_description, known_types
from ..people import find_person
from . import shapes
from .call import SCOPE, Asks, Call, answer, listing, whole
from .pages import Order, QueryPart, page_of

router = APIRouter()

_MAY = ("checkout", "release", "delete", "import", "create_public_folder", "create_workspace", "use_monitor")
#: The one library, as one that a person may use.
_ASSIGNED = {"id": LIBRARY, "library_id": 1, "preferred": True}


@router.get(SCOPE + "/ping")
async def ping(call: Asks) -> Response:
    """That the server is there, and takes the token."""
    return answer({})


@router.get(SCOPE + "/features")
async def features(call: Asks) -> Response:
    """What the server can do beyond the calls that every one has."""
    return answer({"multi_lang_document_search": False})


@router.get(SCOPE + "/types")
async def types(call: Asks) -> Response:
    """The types of documents; with ``app_extension`` those of files that end so."""
    extension = (call.asked.text("app_extension") or "").strip(". ").lower()
    found = [
        {"id": alias, "database": LIBRARY, "description": description}
        | ({"app_extension": ending} if ending else {})
        for alias, description, ending in known_types()
        if extension in ("", ending)
    ]
    return await whole(call, found)


@router.get(SCOPE + "/classes")
async def all_classes(call: Asks) -> Response:
    """The classes of documents: those that every library has, and those of documents that the caller may see."""
    found = [
        {
            "id": name,
            "database": LIBRARY,
            "description": class_description(name),
            "hipaa": False,
            "indexable": True,
        }
        for name in await _classes(call)
    ]
    return await whole(call, found)


@router.get(SCOPE + "/classes/{name}/subclasses")
async def subclasses(call: Asks, name: str) -> Response:
    """Those of a class, of which no library here has any."""
    if name.upper() not in await _classes(call):
        raise no_record()
    return await whole(call, [])


async def _classes(call: Call) -> list[str]:
    async with call.reading() as connection:
        seen = await connection.execute(_seen_classes(), {"person": call.person.id})
        return sorted({*CLASSES, *seen.scalars()})


@cache
def _seen_classes() -> Select[Any]:
    """The classes of documents under the person's rules: of each rule, from one class to the next in the index, so
    that it does not matter how many documents there are."""

    def first(acl: ColumnElement[Any], *after: ColumnElement[bool]) -> ColumnElement[Any]:
        here = documents.c.acl == acl, documents.c.deleted_at.is_(None)
        return select(func.min(documents.c["class"])).where(*here, *after).scalar_subquery()

    everyones: Select[Any] = select(literal_column(str(rights.PUBLIC)).label("acl"))
    rules = union(everyones, rights.own_rules(rights.ANYONE), rights.open_rules()).cte("rules")
    seen = select(rules.c.acl, first(rules.c.acl).label("class")).cte("seen", recursive=True)
    before = seen.c["class"]
    following = first(seen.c.acl, documents.c["class"] > before)
    seen = seen.union_all(select(seen.c.acl, following).where(before.is_not(None)))
    return select(seen.c["class"]).where(seen.c["class"].is_not(None)).distinct()


@router.get(SCOPE + "/users")
async def people(call: Asks) -> Response:
    """The people of the library by name; with ``search``, ``name`` or ``full_name`` those that it finds."""
    text = next(
        (said for key in ("search", "name", "full_name", "query") if (said := call.asked.text(key))), None
    )
    words = Words(text or "", beginnings=True)
    query = select(users).where(users.c.removed_at.is_(None))
    test = (lambda row: words.found_in((row.name, row.full_name, row.email))) if words else None

    async def look(connection: AsyncConnection) -> Response:
        part = QueryPart(connection, query, Order("user", ("name",)), (users.c.name,), test)
        found = await page_of([part], call.asked.paging)
        return await listing((_person(call, row) for row in found.rows), found)

    return await call.looked(look)


@router.get(SCOPE + "/users/{user}")
async def one_person(call: Asks, user: str) -> Response:
    """A person of the library."""
    return answer(_person(call, await _row_of(call, user)))


@router.get(SCOPE + "/users/{user}/libraries")
async def libraries_of_person(call: Asks, user: str) -> Response:
    """The libraries that a person may use: everybody the one."""
    await _row_of(call, user)
    return await whole(call, [_ASSIGNED])


async def _row_of(call: Call, user: str) -> Row[Any]:
    """The row of a person who is there; ``me`` is the caller. Raises :class:`NotFound`."""
    async with call.reading() as connection:
        row = await find_person(connection, call.person.name if user == "me" else user, unseen=user == "me")
    if row is None:
        raise no_record()
    return row


def _person(call: Call, row: Row[Any]) -> shapes.Json:
    shown = shapes.user(row.name, row) | {
        "allow_logon": True,
        "is_external": False,
        "preferred_library": LIBRARY,
        "create_date": shapes.moment(row.created_at),
    }
    return shown | ({"libraries": [_ASSIGNED]} if call.asked.flag("include_libraries") else {})


@router.get(SCOPE + "/groups")
async def groups(call: Asks) -> Response:
    """Groups of people, of which there are none here: rights are given to people."""
    return await whole(call, [])


@router.get(SCOPE + "/groups/{group}/members")
async def group_members(call: Asks, group: str) -> Response:
    """The people of a group. Raises :class:`NotFound`."""
    raise no_record()


@router.get(SCOPE + "/operations")
async def operations(call: Asks) -> Response:
    """What the caller may do in the library, as far as that is the same everywhere in it."""
    bits = dict.fromkeys(_MAY, True)
    return answer(
        {
            "m1_bits": bits,
            "m2_bits": {"external": False},
            "m3_bits": {"share_workspace": False, "trash": True},
        }
    )
