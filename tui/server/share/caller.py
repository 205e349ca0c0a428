"""Who sent a request, and what they may access: what they own, and the content of folders they were added to.

Other people's things are *not found*; what a member of a folder may not do is *not allowed*. The right that each
action needs is defined in ``rules/authorization.py``: an owner has every right to their folders and the content, a
member may read. Anyone may read what concerns them of the installation; an account belongs to its person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import Row, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.authorization import NEEDS, Action, Right, allows
from ...rules.errors import Conflict, NotAllowed, NotFound
from ...rules.missing import NO_DOCUMENT, NO_FOLDER
from ...rules.state import State
from ..accounts.users import Person, address_of, hold_person, person_of
from ..audit import Origin
from ..context import Context, context_of
from ..database.tables import folders, members, sent_documents, users
from ..http.visitor import Visitor, network_of
from . import damaged_rows, links

_ID = re.compile(r"[0-9a-f]{32}")
#: What depends on everything that is stored of a document.
_EXACT = (Action.FETCH_SENT, Action.UNDO_UNPUBLISH, Action.UNDO_DELETE, Action.RESEND)


@dataclass(frozen=True, slots=True)
class Caller:
    """The person who sent the request, with the server's context."""

    context: Context
    person: Person
    address: str | None
    agent: str | None

    @property
    def id(self) -> str:
        """The user's id in the database, not their name."""
        return self.person.id

    @property
    def visitor(self) -> Visitor:
        """The same request as throttles count it: by address, network and program."""
        return Visitor(self.address, network_of(self.address), self.agent)

    @property
    def origin(self) -> Origin:
        """Who and where from, as columns of an audit row."""
        return {"actor": self.person.name, "address": self.address, "agent": self.agent}


async def _caller(request: Request, person: Annotated[Person, Depends(person_of)]) -> Caller:
    return Caller(context_of(request), person, address_of(request), request.headers.get("user-agent"))


#: The dependency parameter of routes that require a signed-in person.
CallerDep = Annotated[Caller, Depends(_caller)]


def may_administer(by: Caller, action: Action) -> bool:
    """Whether the caller may do ``action`` to the installation."""
    return allows(action, Right.READ, administrator=by.person.admin)


def require(by: Caller, action: Action, right: Right = Right.READ) -> None:
    """Raise :class:`NotAllowed` unless ``right`` to an account or the installation permits ``action``, or the caller is
    an administrator who may do it.

    Also raised for a program acting for a person, unless the action may be delegated: the program could otherwise
    take over the account permanently.
    """
    needs = NEEDS[action]
    if not allows(action, right, administrator=by.person.admin):
        raise NotAllowed("admin.only", needs.refusal)
    if by.person.delegated and not needs.delegated:
        raise NotAllowed(
            "grant.delegated",
            "Programs can't change passwords, people, policy or sessions for you. Sign in with "
            "sentlinks login NAME.",
        )


def require_own(by: Caller, action: Action) -> None:
    """As :func:`require`, for the caller's own account."""
    require(by, action, Right.SECURE)


async def ensure_active(by: Caller, connection: AsyncConnection) -> None:
    """Raise :class:`NotSignedIn` if the caller was removed or signed out while the request was being handled.

    The caller can't be removed until the transaction ends, so no link can start working after their removal.
    """
    await hold_person(connection, by.person)


def well_formed(ident: str) -> bool:
    """Whether ``ident`` has the form of a Share id; nothing else is passed to the database."""
    return _ID.fullmatch(ident) is not None


def _folder_unknown() -> NotFound:
    return NotFound("folder.unknown", NO_FOLDER)


def _document_unknown() -> NotFound:
    return NotFound("document.unknown", NO_DOCUMENT)


def _check_right(action: Action, right: Right) -> None:
    if not allows(action, right):
        raise NotAllowed("folder.read_only", NEEDS[action].refusal)


async def folder_of(
    by: Caller, connection: AsyncConnection, ident: str, action: Action, *, deleted: bool = False
) -> Row[Any]:
    """A folder with its owner's name and, for members, ``member``. With ``deleted``, its owner also gets a deleted one.

    Raises :class:`NotFound`, and :class:`NotAllowed` for a member who may not do ``action``.
    """
    if not well_formed(ident):
        raise _folder_unknown()
    query = (
        select(folders, users.c.name.label("owner"), members.c.user_id.label("member"))
        .join(users, users.c.id == folders.c.owner_id)
        .outerjoin(members, and_(members.c.folder_id == folders.c.id, members.c.user_id == by.id))
        .where(folders.c.id == ident)
    )
    row: Row[Any] | None = (await connection.execute(query)).first()
    if row is None or (row.owner_id != by.id and row.member is None):
        raise _folder_unknown()
    if row.deleted_at is not None and not (deleted and row.owner_id == by.id):
        raise _folder_unknown()
    _check_right(action, Right.SECURE if row.owner_id == by.id else Right.READ)
    return row


def documents_query() -> Select[Any]:
    """Sent documents, with what is needed of other tables to present one."""
    return select(
        sent_documents,
        *(column.label(name) for name, column in damaged_rows.OF_FOLDER.items()),
        *(moment().label(name) for name, moment in damaged_rows.MOMENTS.items()),
        links.wrong_tries().label("wrong_tries"),
    ).join(folders, folders.c.id == sent_documents.c.folder_id)


async def document_of(
    by: Caller,
    connection: AsyncConnection,
    ident: str,
    action: Action,
    *,
    purged: bool = False,
) -> Any:
    """A sent document, as ``tolerant.readable`` reads it. Members see neither trashed nor purged ones; its owner also
    gets a purged one with ``purged``.

    If ``action`` needs more than the right to read, the row is locked until the transaction ends. Raises
    :class:`NotFound`, :class:`NotAllowed` for a member who may not do it, and :class:`Conflict` if it depends on values
    that can't be read.
    """
    if not well_formed(ident):
        raise _document_unknown()
    query = documents_query().where(sent_documents.c.id == ident)
    if not allows(action, Right.READ):
        query = query.with_for_update(of=sent_documents)
    (row,) = await damaged_rows.fetch(by.context, connection, query) or (None,)
    if row is None or (row.state == State.PURGED and not purged):
        raise _document_unknown()
    if row.owner_id == by.id:
        _check_right(action, Right.SECURE)
        return _checked(row, action)
    membership = select(members.c.user_id).where(
        members.c.folder_id == row.folder_id, members.c.user_id == by.id
    )
    if row.state in (State.TRASHED, State.PURGED) or row.folder_deleted_at is not None:
        raise _document_unknown()
    if (await connection.execute(membership)).first() is None:
        raise _document_unknown()
    _check_right(action, Right.READ)
    return _checked(row, action)


async def any_document(by: Caller, connection: AsyncConnection, ident: str) -> Any:
    """A sent document, whoever's it is, locked until the transaction ends. Raises :class:`NotFound`."""
    if not well_formed(ident):
        raise _document_unknown()
    query = documents_query().where(sent_documents.c.id == ident).with_for_update(of=sent_documents)
    (row,) = await damaged_rows.fetch(by.context, connection, query) or (None,)
    if row is None or row.state == State.PURGED:
        raise _document_unknown()
    return row


def _checked(row: Any, action: Action) -> Any:
    if row.lost and action in _EXACT:
        raise Conflict(
            "document.unreadable",
            f"What the server has stored of the document was changed by hand ({', '.join(row.lost)}). "
            "Unpublish or delete it, then send it again.",
        )
    return row
