"""The library's document types, classes and people, what the caller may do in it, and the ping call."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import ColumnElement, Row, Select, func, literal_column, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from ..accounts.users import find_person
from ..database.tables import documents, users
from ..library import rights
from ..library.ids import LIBRARY
from ..library.name_match import Words
from ..library.problems import no_record
from ..library.routing import LanedRoute
from ..library.types import CLASSES, class_description, known_types
from . import serializers
from .call import SCOPE, Call, CallDep, answer, listing, whole
from .pages import Order, QueryPart, page_of

router = APIRouter(route_class=LanedRoute)

_PERMISSIONS = (
    "checkout",
    "release",
    "delete",
    "import",
    "create_public_folder",
    "create_workspace",
    "use_monitor",
)
#: The one library, as an entry in a person's list of libraries.
_ASSIGNED = {"id": LIBRARY, "library_id": 1, "preferred": True}


@router.get(SCOPE + "/ping")
async def ping(call: CallDep) -> Response:
    """Confirm that the server is up and accepts the token."""
    return answer({})


@router.get(SCOPE + "/features")
async def features(call: CallDep) -> Response:
    """The server's optional features."""
    return answer({"multi_lang_document_search": False})


@router.get(SCOPE + "/types")
async def types(call: CallDep) -> Response:
    """The document types; with ``app_extension``, those with that file extension."""
    extension = (call.parameters.text("app_extension") or "").strip(". ").lower()
    found = [
        {"id": alias, "database": LIBRARY, "description": description}
        | ({"app_extension": ending} if ending else {})
        for alias, description, ending in known_types()
        if extension in ("", ending)
    ]
    return await whole(call, found)


@router.get(SCOPE + "/classes")
async def all_classes(call: CallDep) -> Response:
    """The document classes: those that every library has, and those of documents that the caller may see."""
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
async def subclasses(call: CallDep, name: str) -> Response:
    """The subclasses of a class, of which this library has none."""
    if name.upper() not in await _classes(call):
        raise no_record()
    return await whole(call, [])


async def _classes(call: Call) -> list[str]:
    async with call.reading() as connection:
        seen = await connection.execute(_seen_classes(), {"person": call.person.id})
        return sorted({*CLASSES, *seen.scalars()})


@cache
def _seen_classes() -> Select[Any]:
    """The classes of the documents under the person's rules. For each rule, the query skips from one class to the next
    in the index, so that the number of documents doesn't matter."""

    def first(acl: ColumnElement[Any], *after: ColumnElement[bool]) -> ColumnElement[Any]:
        in_rule = documents.c.acl == acl, documents.c.deleted_at.is_(None)
        return select(func.min(documents.c["class"])).where(*in_rule, *after).scalar_subquery()

    everyones: Select[Any] = select(literal_column(str(rights.PUBLIC)).label("acl"))
    rules = union(everyones, rights.own_rules(rights.ANYONE), rights.open_rules()).cte("rules")
    seen = select(rules.c.acl, first(rules.c.acl).label("class")).cte("seen", recursive=True)
    before = seen.c["class"]
    following = first(seen.c.acl, documents.c["class"] > before)
    seen = seen.union_all(select(seen.c.acl, following).where(before.is_not(None)))
    return select(seen.c["class"]).where(seen.c["class"].is_not(None)).distinct()


@router.get(SCOPE + "/users")
async def people(call: CallDep) -> Response:
    """The library's people by name; with ``search``, ``name``, ``full_name`` or ``query``, those that match."""
    text = next(
        (value for key in ("search", "name", "full_name", "query") if (value := call.parameters.text(key))),
        None,
    )
    words = Words(text or "", beginnings=True)
    query = select(users).where(users.c.removed_at.is_(None))
    test = (lambda row: words.found_in((row.name, row.full_name, row.email))) if words else None

    async def read_page(connection: AsyncConnection) -> Response:
        part = QueryPart(connection, query, Order("user", ("name",)), (users.c.name,), test)
        found = await page_of([part], call.parameters.paging)
        return await listing((_person(call, row) for row in found.rows), found)

    return await call.run_in_lane(read_page)


@router.get(SCOPE + "/users/{user}")
async def one_person(call: CallDep, user: str) -> Response:
    """A person of the library."""
    return answer(_person(call, await _row_of(call, user)))


@router.get(SCOPE + "/users/{user}/libraries")
async def libraries_of_person(call: CallDep, user: str) -> Response:
    """The libraries that a person may use: for everyone, the one library."""
    await _row_of(call, user)
    return await whole(call, [_ASSIGNED])


async def _row_of(call: Call, user: str) -> Row[Any]:
    """The row of an existing person; ``me`` is the caller. Raises :class:`NotFound`."""
    async with call.reading() as connection:
        row = await find_person(connection, call.person.name if user == "me" else user, unseen=user == "me")
    if row is None:
        raise no_record()
    return row


def _person(call: Call, row: Row[Any]) -> serializers.Json:
    shown = serializers.user(row.name, row) | {
        "allow_logon": True,
        "is_external": False,
        "preferred_library": LIBRARY,
        "create_date": serializers.moment(row.created_at),
    }
    return shown | ({"libraries": [_ASSIGNED]} if call.parameters.flag("include_libraries") else {})


@router.get(SCOPE + "/groups")
async def groups(call: CallDep) -> Response:
    """The groups of people; there are none, since rights are given to people."""
    return await whole(call, [])


@router.get(SCOPE + "/groups/{group}/members")
async def group_members(call: CallDep, group: str) -> Response:
    """The members of a group. Always raises :class:`NotFound`, since there are no groups."""
    raise no_record()


@router.get(SCOPE + "/operations")
async def operations(call: CallDep) -> Response:
    """What the caller may do throughout the library."""
    bits = dict.fromkeys(_PERMISSIONS, True)
    return answer(
        {
            "m1_bits": bits,
            "m2_bits": {"external": False},
            "m3_bits": {"share_workspace": False, "trash": True},
        }
    )
