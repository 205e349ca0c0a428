"""Who asks, and what they may reach: their own, and what folders that they were added to hold.

What is another's is *not found*; what a member of a folder may not do is *not allowed*.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

from fastapi import Depends, Request
from sqlalchemy import Row, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import NotAllowed, NotFound, NotSignedIn
from ...rules.state import State
from ..context import Context, context_of
from ..database.tables import folders, members, sent_documents, users
from ..people import Person, person_of

_ID = re.compile(r"[0-9a-f]{32}")


class Origin(TypedDict):
    """Who did something and from where, as the audit keeps it."""

    actor: str
    address: str | None
    agent: str | None


@dataclass(frozen=True, slots=True)
class Caller:
    """The person whose request it is, with the server's context."""

    context: Context
    person: Person
    address: str | None
    agent: str | None

    @property
    def id(self) -> str:
        return self.person.id

    @property
    def origin(self) -> Origin:
        return {"actor": self.person.name, "address": self.address, "agent": self.agent}


async def _caller(request: Request, person: Annotated[Person, Depends(person_of)]) -> Caller:
    return Caller(context_of(request), person, address_of(request), request.headers.get("user-agent"))


#: The parameter of a route that only somebody who is signed in may use.
By = Annotated[Caller, Depends(_caller)]


def address_of(request: Request) -> str | None:
    """The network address that a request came from; ``None`` over a Unix socket."""
    return request.client.host if request.client else None


def require_admin(by: Caller) -> None:
    """Raises :class:`NotAllowed` unless an administrator asks."""
    if not by.person.admin:
        raise NotAllowed("admin.only", "Only an administrator may do that.")


async def still_here(by: Caller, connection: AsyncConnection) -> None:
    """Raises :class:`NotSignedIn` where the caller was removed while the request was under way.

    Nobody is removed until the transaction ends, so that no link comes to life behind their removal.
    """
    query = select(users.c.id).where(users.c.id == by.id, users.c.removed_at.is_(None))
    if (await connection.execute(query.with_for_update(read=True))).first() is None:
        raise NotSignedIn("token.invalid", "X-Auth-Token is invalid or missing")


def well_formed(ident: str) -> bool:
    """Whether ``ident`` can be an id of Share; no other text reaches the database."""
    return _ID.fullmatch(ident) is not None


def _no_folder() -> NotFound:
    return NotFound("folder.unknown", "There is no such folder.")


def _no_document() -> NotFound:
    return NotFound("document.unknown", "There is no such document.")


def _read_only() -> NotAllowed:
    return NotAllowed("folder.read_only", "Only the folder's owner may do that; you were added to look.")


async def folder_of(
    by: Caller, connection: AsyncConnection, ident: str, *, change: bool, deleted: bool = False
) -> Row[Any]:
    """A folder with its owner's name and, for members, ``member``. ``deleted`` ones are its owner's only.

    Raises :class:`NotFound`, and :class:`NotAllowed` for a member where ``change`` is meant.
    """
    if not well_formed(ident):
        raise _no_folder()
    query = (
        select(folders, users.c.name.label("owner"), members.c.user_id.label("member"))
        .join(users, users.c.id == folders.c.owner_id)
        .outerjoin(members, and_(members.c.folder_id == folders.c.id, members.c.user_id == by.id))
        .where(folders.c.id == ident)
    )
    row: Row[Any] | None = (await connection.execute(query)).first()
    if row is None or (row.owner_id != by.id and row.member is None):
        raise _no_folder()
    if row.deleted_at is not None and not (deleted and row.owner_id == by.id):
        raise _no_folder()
    if change and row.owner_id != by.id:
        raise _read_only()
    return row


def documents_query() -> Select[Any]:
    """Sent documents with what showing one needs of its folder."""
    return select(
        sent_documents, folders.c.name.label("folder_name"), folders.c.deleted_at.label("folder_deleted_at")
    ).join(folders, folders.c.id == sent_documents.c.folder_id)


async def document_of(
    by: Caller,
    connection: AsyncConnection,
    ident: str,
    *,
    change: bool,
    purged: bool = False,
) -> Row[Any]:
    """A sent document. Members see neither the trash nor what is purged; its owner sees ``purged`` on request.

    Where ``change`` is meant, the row is held until the transaction ends. Raises :class:`NotFound`, and
    :class:`NotAllowed` for a member where ``change`` is meant.
    """
    if not well_formed(ident):
        raise _no_document()
    query = documents_query().where(sent_documents.c.id == ident)
    if change:
        query = query.with_for_update(of=sent_documents)
    row: Row[Any] | None = (await connection.execute(query)).first()
    if row is None or (row.state == State.PURGED and not purged):
        raise _no_document()
    if row.owner_id == by.id:
        return row
    shared = select(members.c.user_id).where(members.c.folder_id == row.folder_id, members.c.user_id == by.id)
    if row.state in (State.TRASHED, State.PURGED) or row.folder_deleted_at is not None:
        raise _no_document()
    if (await connection.execute(shared)).first() is None:
        raise _no_document()
    if change:
        raise _read_only()
    return row
