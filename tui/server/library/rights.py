"""Who may see and change what in the library. All access checks are made here.

Every container and document refers to an access rule (an *acl*): its own if its security is private or view, its
container's if it inherits, and :data:`PUBLIC` if it is public. A person's rules are that one, those that let everyone
read, and those that name the person; objects under other rules don't exist for them. Share's objects have no rule: the
owner and the members of a folder may read what is in it, except documents in its trash.

People are identified by their ids. The owner of an object is the person who added it, and never changes.
``rules/authorization.py`` defines which right each action needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    String,
    and_,
    bindparam,
    false,
    func,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.authorization import NEEDS, Action, Right, Role, allows
from ...rules.state import State
from ..accounts.users import Person
from ..database.tables import (
    acl_users,
    acls,
    containers,
    documents,
    folders,
    members,
    sent_documents,
    versions,
)
from .problems import no_access, no_record

#: The rule of public objects, which everyone may read and write.
PUBLIC = 0
#: The security of a container or document, which says who may see it. ``inherit`` means that of its container.
SECURITIES = ("inherit", "private", "view", "public")


class Level(IntEnum):
    """How much a person may do; the names are the protocol's, in capitals."""

    NO_ACCESS = 0
    READ = 1
    READ_WRITE = 2
    FULL_ACCESS = 3

    @property
    def word(self) -> str:
        """What the protocol calls it."""
        return _WORDS[self]


#: Stands for the person in statements that are built once; their id is the parameter ``person``.
ANYONE = Person(cast(Any, bindparam("person", type_=String)), "", False, "")

# The number of people whose queries are cached.
_CACHED_QUERIES = 500

_WORDS = [level.name.lower() for level in Level]

#: The states in which a sent document is listed; in the others it is in Share's trash, or purged.
LISTED = (State.PUBLISHED, State.UNPUBLISHED)


def level_of(row: Row[Any]) -> Level:
    """How much the person may do with the object of a row of the queries below."""
    if row.acl is None:
        return Level.READ
    if row.acl == PUBLIC:
        return Level.READ_WRITE
    return max(_BY_WORD[row.level], _BY_WORD[row.everyone])


_BY_WORD: dict[str | None, Level] = {None: Level.NO_ACCESS, **{level.word: level for level in Level}}


def right_to(row: Row[Any], person: Person) -> Right:
    """The person's right to the object of ``row``. With full access, they may decide who sees it; if it is public, its
    owner may."""
    if row.acl == PUBLIC and row.owner_id == person.id:
        return Right.SECURE
    return Right(int(level_of(row)))


def may(row: Row[Any], person: Person, action: Action, role: Role = Role.SOURCE) -> bool:
    """Whether the person's right to the object of ``row`` is enough for ``action``."""
    return allows(action, right_to(row, person), role, administrator=person.admin)


def demand(
    row: Row[Any],
    person: Person,
    action: Action,
    role: Role = Role.SOURCE,
    *,
    changes_access: bool = False,
) -> None:
    """Raise :class:`NotAllowed` unless the person's right to the object of ``row`` is enough for ``action``."""
    right = right_to(row, person)
    if allows(action, right, role, administrator=person.admin):
        if allows(action, right, role, changes_access=changes_access, administrator=person.admin):
            return
        raise no_access(
            "That changes who can see it, so you need full access to it and to its destination. "
            "Anything with its own security keeps it."
        )
    raise no_access(NEEDS[action].refusal)


def checked_out_by_another(row: Row[Any], person: Person) -> bool:
    """Whether someone else has the version checked out."""
    return row.checked_out_by is not None and row.checked_out_id != person.id


def own_rules(person: Person) -> Select[Any]:
    """The rules that name the person, and so let them read at least."""
    return select(acl_users.c.acl).where(acl_users.c.user_id == person.id)


def open_rules() -> Select[Any]:
    """The rules that let everyone read."""
    return select(acls.c.id).where(acls.c.everyone.is_not(None))


def readable(acl: ColumnElement[Any], person: Person) -> ColumnElement[bool]:
    """A condition: that ``acl`` is a rule that lets the person read."""
    return or_(acl == PUBLIC, acl.in_(own_rules(person)), acl.in_(open_rules()))


def share_folders(person: Person) -> ColumnElement[bool]:
    """A condition on ``folders``: those that the person owns or was added to, and that are not deleted."""
    added = select(members.c.folder_id).where(members.c.user_id == person.id)
    return and_(folders.c.deleted_at.is_(None), or_(folders.c.owner_id == person.id, folders.c.id.in_(added)))


def shared_with(person: Person) -> Select[Any]:
    """The containers of the folders of :func:`share_folders`."""
    return select(folders.c.container).where(share_folders(person))


def containers_query(person: Person) -> Select[Any]:
    """The containers that the person may see, each with what :func:`level_of` needs."""
    return _containers_query(person)


# Cached for each person, since building a query takes as long as running it.
@lru_cache(_CACHED_QUERIES)
def _containers_query(person: Person) -> Select[Any]:
    shared = and_(containers.c.acl.is_(None), containers.c.number.in_(shared_with(person)))
    return (
        select(containers, acl_users.c.level, acls.c.everyone)
        .outerjoin(acl_users, and_(acl_users.c.user_id == person.id, acl_users.c.acl == containers.c.acl))
        .outerjoin(acls, acls.c.id == containers.c.acl)
        .where(
            containers.c.deleted_at.is_(None),
            or_(
                containers.c.acl == PUBLIC,
                acl_users.c.level.is_not(None),
                acls.c.everyone.is_not(None),
                shared,
            ),
        )
    )


#: A version with its document, and what Share knows about it if it was sent.
_VERSION = (
    versions,
    documents.c.latest,
    documents.c.parent,
    documents.c.owner_id,
    documents.c.default_security,
    documents.c.acl,
    documents.c.name_key,
    documents.c.edited_at.label("latest_edited_at"),
    containers.c.workspace,
    containers.c.kind.label("parent_kind"),
    sent_documents.c.state,
    sent_documents.c.expires_at.label("link_expires_at"),
)


def documents_query(person: Person, *, latest: bool, trash: bool = False) -> Select[Any]:
    """The versions that the person may see (if ``latest``, only the latest of each document), each with what
    :func:`level_of` needs; with ``trash``, those in the library's trash instead."""
    return _documents_query(person, latest, trash)


@lru_cache(_CACHED_QUERIES)
def _documents_query(person: Person, latest: bool, trash: bool) -> Select[Any]:
    shared = and_(
        documents.c.acl.is_(None),
        documents.c.parent.in_(shared_with(person)),
        sent_documents.c.state.in_(LISTED),
    )
    present = (
        documents.c.deleted_at.is_(None), versions.c.deleted_at.is_(None), containers.c.deleted_at.is_(None)
    )  # fmt: skip
    return (
        select(*_VERSION, acl_users.c.level, acls.c.everyone)
        .select_from(documents)
        .join(
            versions,
            and_(
                versions.c.number == documents.c.number,
                versions.c.version == documents.c.latest if latest else true(),
            ),
        )
        .join(containers, containers.c.number == documents.c.parent)
        .outerjoin(acl_users, and_(acl_users.c.user_id == person.id, acl_users.c.acl == documents.c.acl))
        .outerjoin(acls, acls.c.id == documents.c.acl)
        .outerjoin(sent_documents, sent_documents.c.number == documents.c.number)
        .where(
            *((versions.c.deleted_at.is_not(None),) if trash else present),
            or_(
                documents.c.acl == PUBLIC,
                acl_users.c.level.is_not(None),
                acls.c.everyone.is_not(None),
                shared,
            ),
        )
    )


def inherited(values: Mapping[Any, Any]) -> str | None:
    """The effective security of an object that inherits: ``public``, ``view`` or ``private``; ``None`` if it has its
    own. ``values`` are those of a row of :func:`containers_query` or :func:`documents_query`."""
    if values["default_security"] != "inherit":
        return None
    if values["acl"] == PUBLIC:
        return "public"
    return "view" if values["everyone"] else "private"


async def container(
    connection: AsyncConnection,
    person: Person,
    number: int,
    action: Action = Action.READ_CONTAINER,
    role: Role = Role.SOURCE,
    *,
    hold: bool = False,
) -> Row[Any]:
    """A container that the person may see. Raises :class:`NotFound`, and :class:`NotAllowed` if their right to it
    isn't enough for ``action``. With ``hold``, its rule stays unchanged until the transaction ends."""
    if hold and connection.dialect.name != "sqlite":
        # In a separate statement, so that the next one sees what changed while this one waited.
        lock = select(containers.c.number).where(containers.c.number == number)
        await connection.execute(lock.with_for_update(read=True))
    query = containers_query(person).where(containers.c.number == number)
    row = _found((await connection.execute(query)).first())
    demand(row, person, action, role)
    return row


async def document(
    connection: AsyncConnection,
    person: Person,
    number: int,
    version: int | None,
    action: Action = Action.READ_DOCUMENT,
) -> Row[Any]:
    """A version (``None``: the latest) that the person may see. Raises as :func:`container` does."""
    query = documents_query(person, latest=version is None).where(documents.c.number == number)
    if version is not None:
        query = query.where(versions.c.version == version)
    row = _found((await connection.execute(query)).first())
    demand(row, person, action)
    return row


def _found(row: Row[Any] | None) -> Row[Any]:
    if row is None:
        raise no_record()
    return row


def unwritable(acl: ColumnElement[Any], person: Person) -> ColumnElement[bool]:
    """A condition: that ``acl`` is a rule that does not let the person write."""
    levels = (Level.READ_WRITE.word, Level.FULL_ACCESS.word)
    own = own_rules(person).where(acl_users.c.level.in_(levels))
    return not_(func.coalesce(or_(acl == PUBLIC, acl.in_(own)), false()))


async def way_to(connection: AsyncConnection, person: Person, number: int | None) -> list[Row[Any]]:
    """The containers from the outermost to ``number`` that the person may see."""
    path: list[Row[Any]] = []
    while number is not None:
        query = select(containers.c.parent).where(containers.c.number == number)
        visible = containers_query(person).where(containers.c.number == number)
        row = (await connection.execute(visible)).first()
        if row is not None:
            path.insert(0, row)
        number = row.parent if row is not None else (await connection.execute(query)).scalar()
    return path
