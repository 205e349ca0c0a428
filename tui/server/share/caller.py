"""Who asks, and what they may reach: their own, and what folders that they were added to hold.

What is another's is *not found*; what a member of a folder may not do is *not allowed*. What an action takes is said
in ``rules/authorization.py``: an owner has every right to their folders and what is in them, a member may read. Of
the installation everybody may read what concerns them; an account is its person's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import Row, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.authorization import NEEDS, Action, Right, allows
from ...rules.errors import NotAllowed, NotFound
from ...rules.state import State
from ..audit import Origin
from ..context import Context, context_of
from ..database.tables import folders, members, sent_documents, users
from ..http.visitor import Visitor, network_of
from ..people import Person, address_of, hold_person, person_of
from .links import throttled_at

_ID = re.compile(r"[0-9a-f]{32}")


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
    def visitor(self) -> Visitor:
        return Visitor(self.address, network_of(self.address), self.agent)

    @property
    def origin(self) -> Origin:
        return {"actor": self.person.name, "address": self.address, "agent": self.agent}


async def _caller(request: Request, person: Annotated[Person, Depends(person_of)]) -> Caller:
    return Caller(context_of(request), person, address_of(request), request.headers.get("user-agent"))


#: The parameter of a route that only somebody who is signed in may use.
By = Annotated[Caller, Depends(_caller)]


def may_administer(by: Caller, action: Action) -> bool:
    """Whether the caller may do ``action`` to the installation."""
    return allows(action, Right.READ, administrator=by.person.admin)


def require(by: Caller, action: Action, right: Right = Right.READ) -> None:
    """Raises :class:`NotAllowed` unless ``right`` to an account, or to the installation, is enough for ``action``, or
    the caller is an administrator who may; and where a program asks for somebody, which could else take the account
    for good."""
    needs = NEEDS[action]
    if not allows(action, right, administrator=by.person.admin):
        raise NotAllowed("admin.only", needs.refusal)
    if by.person.delegated and not needs.delegated:
        raise NotAllowed(
            "grant.delegated",
            "A program's sign-in changes no passwords, people, policy or sessions; sign in with "
            "sentlinks login NAME.",
        )


def require_own(by: Caller, action: Action) -> None:
    """As :func:`require`, of the caller's own account."""
    require(by, action, Right.SECURE)


async def still_here(by: Caller, connection: AsyncConnection) -> None:
    """Raises :class:`NotSignedIn` where the caller was removed or signed out while the request was under way.

    Nobody is removed until the transaction ends, so that no link comes to life behind their removal.
    """
    await hold_person(connection, by.person)


def well_formed(ident: str) -> bool:
    """Whether ``ident`` can be an id of Share; no other text reaches the database."""
    return _ID.fullmatch(ident) is not None


def _no_folder() -> NotFound:
    return NotFound("folder.unknown", "There is no such folder.")


def _no_document() -> NotFound:
    return NotFound("document.unknown", "There is no such document.")


def _demand(action: Action, right: Right) -> None:
    if not allows(action, right):
        raise NotAllowed("folder.read_only", NEEDS[action].refusal)


async def folder_of(
    by: Caller, connection: AsyncConnection, ident: str, action: Action, *, deleted: bool = False
) -> Row[Any]:
    """A folder with its owner's name and, for members, ``member``. ``deleted`` ones are its owner's only.

    Raises :class:`NotFound`, and :class:`NotAllowed` for a member who may not do ``action``.
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
    _demand(action, Right.SECURE if row.owner_id == by.id else Right.READ)
    return row


def documents_query() -> Select[Any]:
    """Sent documents with what showing one needs of its folder."""
    return select(
        sent_documents,
        folders.c.name.label("folder_name"),
        folders.c.deleted_at.label("folder_deleted_at"),
        throttled_at().label("throttled_at"),
    ).join(folders, folders.c.id == sent_documents.c.folder_id)


async def document_of(
    by: Caller,
    connection: AsyncConnection,
    ident: str,
    action: Action,
    *,
    purged: bool = False,
) -> Row[Any]:
    """A sent document. Members see neither the trash nor what is purged; its owner sees ``purged`` on request.

    Where ``action`` takes more than reading, the row is held until the transaction ends. Raises :class:`NotFound`,
    and :class:`NotAllowed` for a member who may not do it.
    """
    if not well_formed(ident):
        raise _no_document()
    query = documents_query().where(sent_documents.c.id == ident)
    if not allows(action, Right.READ):
        query = query.with_for_update(of=sent_documents)
    row: Row[Any] | None = (await connection.execute(query)).first()
    if row is None or (row.state == State.PURGED and not purged):
        raise _no_document()
    if row.owner_id == by.id:
        _demand(action, Right.SECURE)
        return row
    shared = select(members.c.user_id).where(members.c.folder_id == row.folder_id, members.c.user_id == by.id)
    if row.state in (State.TRASHED, State.PURGED) or row.folder_deleted_at is not None:
        raise _no_document()
    if (await connection.execute(shared)).first() is None:
        raise _no_document()
    _demand(action, Right.READ)
    return row
